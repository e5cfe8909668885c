import Primitives
import Routing

/// For people.
extension CallExplanation {
    package var text: String {
        var lines = ["dialled     \(Terminal.printable(dialled))"]
        for reading in readings {
            let place = reading.trunk.map { "trunk \($0)" } ?? IncomingCall.Door.twilio.title
            lines.append("read as     \(Self.name(reading.number))  (\(place), \(reading.rule))")
        }
        for door in doors { lines += [""] + door.lines }
        for door in closedDoors {
            let missing = door == .sip ? "trunk" : "credential"
            lines += ["", "by \(door.title): no \(missing) brings this number"]
        }
        if !hints.isEmpty { lines.append("") }
        for hint in hints { lines.append("hint        \(hint)") }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func name(_ number: DialledNumber) -> String {
        switch number {
        case .number(let number): number.e164
        case .incomplete: "too few digits, or a national form without a country"
        case .notANumber: "no telephone number"
        }
    }
}

extension IncomingCall.Door {
    var title: String { self == .sip ? "SIP" : "Twilio" }
}

extension ExplainedDoor {
    /// The story of the call at this door, in the order in which it happens.
    fileprivate var lines: [String] {
        var lines = ["by \(door.title):"]
        for note in tests { lines.append("  \(note.held ? "yes" : "no ")       \(note.test.name)") }
        if let explanation = decision.workflow?.explanation {
            lines.append("  workflow")
            for line in explanation.text.split(separator: "\n") { lines.append("    \(line)") }
        }
        lines.append("  rule      \(decision.rule.name)")
        if let organization { lines.append("  of        \(organization)") }
        let because = carrierReason.map { "  (\($0))" } ?? ""
        if let trunk { lines.append("  trunk     \(trunk)\(because)") }
        if let credential { lines.append("  account   \(credential)\(because)") }
        if let agent { lines.append("  agent     \(agent), version \(decision.version)") }
        if decision.refusal == nil { lines += targetLines }
        if let reason = decision.refusal { lines.append("  refused   \(reason.rawValue)") }
        lines.append("  took      \(duration.nanoseconds / 1_000) µs")
        lines.append("  answer    \(door == .sip ? "\(status)" : "TwiML")")
        for line in answer.split(whereSeparator: \.isNewline) {
            lines.append("    \(CallExplanation.cleanLine(line))")
        }
        return lines
    }

    private var targetLines: [String] {
        targets.sorted { ($0.position ?? .max) < ($1.position ?? .max) }.map { target in
            var line = "  target    \(target.uri)"
            if let position = target.position, door == .sip {
                line += "  q=\(Double(TargetOrder.qThousandths(at: position)) / 1_000)"
            }
            if let omission = target.omission { line += "  not offered: \(omission)" }
            if let state = target.state { line += "  \(state)" }
            return line
        }
    }
}

extension CallExplanation {
    /// A line of an answer as it is, control characters escaped.
    fileprivate static func cleanLine(_ line: Substring) -> String {
        line.utf8.contains(where: ASCII.isControl) ? Terminal.printable(String(line)) : String(line)
    }
}
