import Primitives

/// Random workflows, which lead only to later steps, the last of them an output.
extension ReferenceWorkflow {
    init(random: inout SeededRandom) {
        var maker = Maker(random: random, count: Int.random(in: 3...11, using: &random))
        for index in 0..<maker.count { steps.append(maker.step(index)) }
        for prefix in ["+1212", "+12125", "+4930", "+4"] where Bool.random(using: &maker.random) {
            list.append((prefix + "*", maker.pick(Self.agents), maker.expiry()))
        }
        for caller in Self.callers where !caller.isEmpty && Bool.random(using: &maker.random) {
            list.append((caller, maker.pick(Self.agents), maker.expiry()))
        }
        random = maker.random
    }

    static let callers = ["+12125550123", "+12125550124", "+493012345", "+4930", ""]
    static let agents = ["sales", "night", "gone"]
    static let zones = ["America/New_York", "Australia/Sydney", "Europe/London", "Asia/Kolkata"]

    private struct Maker {
        var random: SeededRandom
        let count: Int

        mutating func pick<Element>(_ elements: [Element]) -> Element {
            elements[Int.random(in: 0..<elements.count, using: &random)]
        }

        /// One in so many times.
        mutating func isOne(in chances: Int) -> Bool {
            Int.random(in: 0..<chances, using: &random) == 0
        }

        /// The first second of a day of the years in which calls come.
        mutating func expiry() -> Int64? {
            isOne(in: 2) ? nil : Int64.random(in: 20_454...21_183, using: &random) * 86_400
        }

        mutating func step(_ index: Int) -> Step {
            guard index > 0 else { return Step(kind: .trigger(next: 1)) }
            guard index < count - 1 else { return Step(kind: output(index)) }
            // The first branch leads to the next step, so that nothing is out of reach.
            let next = index + 1
            let other = Int.random(in: (index + 1)..<count, using: &random)
            let kind: Kind =
                switch Int.random(in: 0..<10, using: &random) {
                case 0: .note(next: next)
                case 1, 2:
                    .condition(
                        [("a", test(index), next), ("b", test(index), other)],
                        otherwise: other
                    )
                case 3: .schedule(hours(), open: next, closed: other)
                case 4:
                    .split(
                        text(index),
                        [("b", Int.random(in: 0...5, using: &random), other), ("a", 3, next)]
                    )
                case 5: .set("v", text(index), next: next)
                case 6: .lookup(text(index), next: next)
                case 7:
                    .limit(
                        text(index),
                        max: Int.random(in: 0...4, using: &random),
                        window: isOne(in: 2) ? Int.random(in: 1...60, using: &random) : nil,
                        lease: Int.random(in: 1...60, using: &random),
                        within: next,
                        over: other
                    )
                case 8:
                    .sticky(text(index), ttl: Int.random(in: 1...60, using: &random), next: next)
                default: .http(next: next)
                }
            guard case .http = kind else { return Step(kind: kind) }
            return Step(kind: kind, onError: isOne(in: 3) ? nil : other)
        }

        private mutating func output(_ index: Int) -> Kind {
            var fields: [(field: String, value: Value)] = []
            switch Int.random(in: 0..<8, using: &random) {
            case 0: fields.append(("reject", .flag(true)))
            case 1: fields.append(("targets", .targets(["sip:a@example.com", "+12125550199"])))
            case 2: fields.append(("agent_id", .text(.member(earlier(index), "agent_id"))))
            case 3: fields.append(("agent_id", .text(.member(earlier(index), "value"))))
            case 4: fields.append(("agent_id", .text(.member(earlier(index), "body.agent"))))
            default: fields.append(("agent_id", .text(.literal(pick(ReferenceWorkflow.agents)))))
            }
            if isOne(in: 4) { fields.append(("reject", .flag(false))) }
            if isOne(in: 4) { fields.append(("version", .number(pick([1, 1, 2])))) }
            fields.append(("label", .text(.joined(.literal("x"), text(index)))))
            // A field that comes twice would only say which of them counts.
            var seen: Set<String> = []
            return .output(fields.filter { seen.insert($0.field).inserted })
        }

        private mutating func earlier(_ index: Int) -> Int {
            Int.random(in: 0..<index, using: &random)
        }

        private mutating func text(_ index: Int) -> Text {
            switch Int.random(in: 0..<8, using: &random) {
            case 0, 1, 2: .caller
            case 3: .called
            case 4: .literal("all")
            case 5: .joined(.caller, .door)
            case 6: .joined(.member(earlier(index), pick(["label", "found", "count", "v"])), .door)
            default: .member(earlier(index), pick(["label", "value", "agent_id", "v"]))
            }
        }

        private mutating func test(_ index: Int) -> Test {
            switch Int.random(in: 0..<9, using: &random) {
            case 0: .equals(.caller, pick(ReferenceWorkflow.callers))
            case 1: .equals(.door, "sip")
            case 2: .equals(.member(earlier(index), "label"), pick(["a", "open", "over"]))
            case 3, 4: .isTrue(earlier(index), "found")
            case 5: .exceeds(earlier(index), "count", Int.random(in: 0...3, using: &random))
            case 6: .exceeds(earlier(index), "status_code", pick([199, 404]))
            case 7: .both(test(index), test(index))
            default: .either(test(index), test(index))
            }
        }

        private mutating func hours() -> Hours {
            var hours = Hours(zone: pick(ReferenceWorkflow.zones))
            for weekday in 0..<7 where !isOne(in: 4) { hours.weekly[weekday] = windows() }
            for date in ["2026-03-08", "2026-11-01", "2026-12-25", "2027-10-03"] where isOne(in: 2)
            {
                hours.dates[date] = windows()
            }
            return hours
        }

        private mutating func windows() -> [(start: Int, end: Int)] {
            (0..<Int.random(in: 0...2, using: &random)).map { _ in
                let start = Int.random(in: 0..<96, using: &random) * 15
                let end = Int.random(in: 1...96, using: &random) * 15
                return (start, end == start ? end - 15 == 0 ? end + 15 : end - 15 : end)
            }
        }
    }
}
