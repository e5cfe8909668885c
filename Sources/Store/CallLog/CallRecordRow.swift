import Primitives

/// One call as it was recorded: who, what was asked, which rule, what was answered, how long it took.
package struct CallRecordRow: Hashable, Sendable {
    /// The call, as in `X-Trunkline-Call`: 16 hexadecimal digits.
    package var id: String
    /// How many decisions were made about the call before this one; 0….
    package var step = 0
    package var time: WallTime
    /// `sip` or `twilio`.
    package var door: String
    /// `answered` or `refused`.
    package var outcome: String
    package var organization: String?
    /// The number of the directory, E.164.
    package var number: String?
    /// What the carrier sent, as it sent it.
    package var dialled: String?
    package var caller: String?
    package var trunk: String?
    package var credential: String?
    /// The carrier's own id: Call-ID or CallSid.
    package var callID: String?
    package var source: String?
    package var transport: String?
    package var rule: String?
    package var agent: String?
    package var agentVersion: Int?
    /// A JSON list of URIs.
    package var targets: String?
    /// A JSON list of what should have gone along with the call and found no room.
    package var leftOut: String?
    package var reason: String?
    /// The status of the answer.
    package var status: Int?
    /// Microseconds from the call's arrival to its answer.
    package var microseconds: Int?
    /// How the workflow ran: its explanation as a JSON object, where records keep it, else the steps that
    /// it took as a JSON list.
    package var explanation: String?
    /// The carrier's verdict on the caller's number: `A`, `B`, `C` or `failed`.
    package var attestation: String?
    /// What the workflow looked at of the call's message, as a JSON object.
    package var input: String?
    /// What the workflow called the call.
    package var label: String?
    /// What the carrier said last about the call, such as `completed`.
    package var callStatus: String?
    /// Seconds, as the carrier counted them.
    package var callDuration: Int?

    package init(id: String, time: WallTime, door: String, outcome: String) {
        self.id = id
        self.time = time
        self.door = door
        self.outcome = outcome
    }

    /// What names one record: its call and its step.
    package struct Key: Hashable, Sendable {
        package var id: String
        package var step: Int

        package init(id: String, step: Int = 0) {
            self.id = id
            self.step = step
        }
    }

    package var key: Key { Key(id: id, step: step) }
}

/// What a carrier said about a call after it was answered.
package struct CallEventRow: Hashable, Sendable {
    /// The record's own id, or the event's.
    package var id: String
    package var callID: String?
    package var event: String
    package var time: WallTime?
    package var status: String
    /// Seconds.
    package var duration: Int?
    /// The line as it was logged.
    package var line: String
}

/// A line of the call log.
enum CallLogLine {
    case record(CallRecordRow)
    case event(CallEventRow)

    /// Nil for what is neither, such as a line that a crash left half written.
    init?(_ line: [UInt8]) {
        guard let json = JSONLine(line) else { return nil }
        var fields = Fields()
        for member in json.members { fields.read(member.key, member.value) }
        if fields.texts["event"] != nil {
            let text = String(decoding: line, as: UTF8.self)
            guard let event = fields.event(line: text) else { return nil }
            self = .event(event)
        } else {
            guard let record = fields.record else { return nil }
            self = .record(record)
        }
    }
}

/// The members of a line by their type; what has another type than it should counts as absent.
private struct Fields {
    var texts: [String: String] = [:]
    var numbers: [String: Int] = [:]
    var nested: [String: String] = [:]

    mutating func read(_ key: String, _ value: JSONLine.Value) {
        switch value {
        case .string(let text): texts[key] = text
        case .integer(let number): numbers[key] = Int(number)
        case .other(let json) where json.hasPrefix("[") || json.hasPrefix("{"): nested[key] = json
        case .null, .bool, .other: break
        }
    }

    var record: CallRecordRow? {
        guard let id = texts["id"], isID(id), let door = texts["door"],
            let time = texts["time"].flatMap({ WallTime(rfc3339: $0) }),
            let outcome = texts["outcome"]
        else { return nil }
        var row = CallRecordRow(id: id, time: time, door: door, outcome: outcome)
        row.step = max(numbers["step"] ?? 0, 0)
        row.organization = texts["organization"]
        row.number = texts["number"]
        row.dialled = texts["dialled"]
        row.caller = texts["from"]
        row.trunk = texts["trunk"]
        row.credential = texts["credential"]
        row.callID = texts["call_id"]
        row.source = texts["source"]
        row.transport = texts["transport"]
        row.rule = texts["rule"]
        row.agent = texts["agent"]
        row.agentVersion = numbers["version"]
        row.targets = nested["targets"]
        row.leftOut = nested["left_out"]
        row.reason = texts["reason"]
        row.status = numbers["status"]
        row.microseconds = numbers["micros"]
        row.explanation = nested["explain"] ?? nested["steps"]
        row.attestation = texts["attestation"]
        row.input = nested["input"]
        row.label = texts["label"]
        return row
    }

    func event(line: String) -> CallEventRow? {
        guard let id = texts["id"], isID(id), let event = texts["event"] else { return nil }
        return CallEventRow(
            id: id,
            callID: texts["call_id"],
            event: event,
            time: texts["time"].flatMap { WallTime(rfc3339: $0) },
            status: texts["status"] ?? numbers["status"].map { "\($0)" } ?? "",
            duration: numbers["duration"],
            line: line
        )
    }

    private func isID(_ text: String) -> Bool {
        text.utf8.count == 16 && text.utf8.allSatisfy { ASCII.hexValue($0) != nil }
    }
}
