import JSONata
import Primitives

/// The hours and zones of `schedule` steps.
extension WorkflowCompiler {
    mutating func weeklySchedule(_ config: DefinitionNode) -> WeeklySchedule {
        warnOfUnknownKeys(config, known: ["timezone", "weekly", "dates"])
        var schedule = WeeklySchedule()
        if config["weekly"].isMissing, config["dates"].isMissing {
            error(config["weekly"], "is missing; write for example { mon: [\"09:00-17:30\"] }")
        }
        for (name, node) in objectMembers(config["weekly"]) {
            guard let weekday = WeeklySchedule.weekdayNames.firstIndex(of: name) else {
                let list = "write mon, tue, wed, thu, fri, sat or sun"
                let hint = Self.hint(for: name, among: WeeklySchedule.weekdayNames, else: list)
                error(node, "“\(name)” is no weekday; \(hint)")
                continue
            }
            schedule.weekly[weekday] = windows(node)
        }
        for (text, node) in objectMembers(config["dates"]) {
            guard let day = WeeklySchedule.day(text) else {
                error(node, "“\(text)” is no date; write for example 2026-12-25")
                continue
            }
            schedule.dates[day] = windows(node)
        }
        return schedule
    }

    private mutating func objectMembers(
        _ node: DefinitionNode
    ) -> [(key: String, node: DefinitionNode)] {
        if !node.isMissing, node.value?.objectValue == nil {
            error(node, "must be an object of days and their hours")
        }
        return node.members
    }

    private mutating func windows(_ node: DefinitionNode) -> [WeeklySchedule.Window] {
        guard case .array? = node.value else {
            error(
                node,
                "must be a list such as [\"09:00-12:00\", \"13:00-16:00\"], or [] for closed"
            )
            return []
        }
        return node.elements.compactMap { element in
            if let window = element.string.flatMap(WeeklySchedule.Window.init) { return window }
            error(
                element,
                "must be hours such as \"09:00-17:30\"; \"22:00-02:00\" passes midnight,"
                    + " \"00:00-24:00\" is the whole day"
            )
            return nil
        }
    }

    mutating func zone(_ node: DefinitionNode) -> TimeZoneRules {
        guard let name = node.string, Self.isZoneName(name) else {
            error(node, "must be the IANA name of a time zone, such as \"America/New_York\"")
            return .utc
        }
        if let zone = zones[name] { return zone }
        guard let file = surroundings.timeZoneFile(name) else {
            error(node, "there is no time zone “\(name)”; write for example \"America/New_York\"")
            return .utc
        }
        do throws(TimeZoneError) {
            let zone = try TimeZoneRules(tzif: file.span)
            zones[name] = zone
            return zone
        } catch {
            self.error(node, "the time zone “\(name)” cannot be read (\(error)); choose another")
            return .utc
        }
    }

    /// A name that stays inside the folder of zones.
    private static func isZoneName(_ name: String) -> Bool {
        guard 1...64 ~= name.utf8.count, name.utf8.first.map(ASCII.isLetter) == true else {
            return false
        }
        return name.utf8.allSatisfy {
            ASCII.isAlphanumeric($0) || $0 == 0x2F || $0 == 0x5F || $0 == 0x2B || $0 == 0x2D
        }
    }
}
