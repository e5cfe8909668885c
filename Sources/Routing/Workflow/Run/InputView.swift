import JSONata
import Primitives

/// The part of `input` that the expressions of a definition can see; the rest is not built.
struct InputView: Sendable {
    private let members: [Member]
    /// The headers that can be seen; nil: all.
    private let headerNames: [String]?
    /// The paths into `input`, and where each leads to.
    private let paths: [(number: Int, place: Place)]

    /// All of it.
    static let everything = InputView(.everything, paths: PathTable())

    init(_ visible: VisibleMembers, paths table: PathTable) {
        paths = table.paths(startingWith: "input").map { ($0.number, Place($0.names)) }
        members = Member.allCases.filter { !visible[$0.rawValue].isNothing }
        let headers = visible[Member.headers.rawValue]
        headerNames = headers.isEverything ? nil : headers.names
    }

    var isEmpty: Bool { members.isEmpty }

    /// Where a path into `input` leads to.
    private enum Place: Sendable {
        case member(Member)
        case header(String)
        case numberLabel
        case numberMetadata([String])
        /// Somewhere else: looked up in the object.
        case other([String])

        init(_ names: [String]) {
            let member = names.first.flatMap { Member(rawValue: $0) }
            let rest = Array(names.dropFirst())
            self =
                switch (member, rest.count, rest.first) {
                case (let member?, 0, _): .member(member)
                case (.headers?, 1, let name?): .header(name)
                case (.number?, 1, "label"?): .numberLabel
                case (.number?, _, "metadata"?): .numberMetadata(Array(rest.dropFirst()))
                default: .other(names)
                }
        }
    }

    enum Member: String, CaseIterable {
        case callerNumber = "caller_number"
        case calledNumber = "called_number"
        case trunkID = "trunk_id"
        case organizationID = "organization_id"
        case timestamp
        case callID = "call_id"
        case door
        case callerName = "caller_name"
        case diversion
        case attestation
        case headers
        case number
    }
}

extension InputView {
    /// Says what the paths into `input` lead to.
    func fill(_ values: inout PathValues, from input: WorkflowInput) {
        for (number, place) in paths {
            switch place {
            case .member(let member): values.set(number, in: value(of: member, input))
            case .header(let name):
                let last = input.headers.last { $0.name.hasSameBytes(as: name) }
                if let last { values.set(number, in: .string(last.value)) }
            case .numberLabel: values.set(number, in: .string(input.numberLabel))
            case .numberMetadata(let names):
                values.set(number, by: names, in: .object(input.numberMetadata))
            case .other(let names): values.set(number, by: names, in: value(of: input))
            }
        }
    }
}

extension InputView {
    /// The value of `input` for a call, without what cannot be seen.
    func value(of input: WorkflowInput) -> JSONValue {
        var object = JSONObject(capacity: members.count)
        for member in members {
            object.append(value(of: member, input), forNewKey: member.rawValue)
        }
        return .object(object)
    }

    private func value(of member: Member, _ input: WorkflowInput) -> JSONValue {
        switch member {
        case .callerNumber: return .string(input.callerNumber)
        case .calledNumber: return .string(input.calledNumber)
        case .trunkID: return .string(input.trunkID)
        case .organizationID: return .string(input.organizationID)
        case .timestamp:
            var time = ByteBuffer(capacity: Self.timestampByteCount)
            time.appendTimestamp(input.timestamp)
            return .string(time.text)
        case .callID: return .string(input.callID)
        case .door: return .string(input.door == .sip ? "sip" : "twilio")
        case .callerName: return .string(input.callerName)
        case .diversion: return .array(JSONArray(input.diversion.map { .string($0) }))
        case .attestation: return .string(input.attestation.rawValue)
        case .headers: return .object(headers(of: input))
        case .number:
            var number = JSONObject(capacity: 2)
            number.append(.string(input.numberLabel), forNewKey: "label")
            number.append(.object(input.numberMetadata), forNewKey: "metadata")
            return .object(number)
        }
    }

    private func headers(of input: WorkflowInput) -> JSONObject {
        var fields = JSONObject(capacity: headerNames?.count ?? input.headers.count)
        for header in input.headers where headerNames?.contains(header.name) ?? true {
            fields.set(.string(header.value), forKey: header.name)
        }
        return fields
    }

    /// What `byteCountEstimate` says of the whole `input` of a call, which is not made for it; of
    /// headers with the same name each counts.
    static func byteCount(of input: WorkflowInput) -> Int {
        var sum = keyByteCount + 16 * (Member.allCases.count + 1)
        sum += input.callerNumber.utf8.count + input.calledNumber.utf8.count
        sum += input.trunkID.utf8.count + input.organizationID.utf8.count
        sum += timestampByteCount + input.callID.utf8.count + (input.door == .sip ? 3 : 6)
        sum += input.callerName.utf8.count + input.attestation.rawValue.utf8.count
        for number in input.diversion { sum += 16 + number.utf8.count }
        for (name, value) in input.headers { sum += name.utf8.count + 16 + value.utf8.count }
        sum += 5 + 16 + input.numberLabel.utf8.count
        sum += 8 + JSONValue.object(input.numberMetadata).byteCountEstimate(limit: .max)
        return sum
    }

    private static let keyByteCount = Member.allCases.reduce(0) { $0 + $1.rawValue.utf8.count }
    /// `2026-11-21T07:05:09.123Z`.
    private static let timestampByteCount = 24
}
