import JSONata
import Primitives

/// What a workflow decided; every field of the contract, checked.
package struct WorkflowOutput: Sendable, Equatable {
    /// Refuse the call; the fallback agent is not asked.
    package var rejects = false
    /// How the refusal is put, when it is one.
    package var rejectReason: RejectReason?
    package var agentID: String?
    /// 1…; nil: the latest published.
    package var version: Int?
    /// At most 16 KiB.
    package var initialContext = ""
    /// At most 16 KiB as JSON.
    package var customMetadata = JSONObject()
    /// Targets instead of the agent's own, 1…10; nil when there are none.
    package var targets: [String]?
    /// Kept in the call's record.
    package var label: String?

    /// An output without any field.
    package init() {}

    /// Whether something goes along with the call.
    var hasEnclosure: Bool { !customMetadata.isEmpty || !initialContext.isEmpty }

    package enum RejectReason: String, Sendable, CaseIterable {
        case busy, declined, unavailable
    }

    package static func == (left: WorkflowOutput, right: WorkflowOutput) -> Bool {
        left.value == right.value
    }

    /// The output as JSON, fields that were not given left out.
    package var value: JSONValue {
        var object = JSONObject()
        if rejects { object["reject"] = true }
        if let rejectReason { object["reject_reason"] = .string(rejectReason.rawValue) }
        if let agentID { object["agent_id"] = .string(agentID) }
        if let version { object["version"] = .number(Double(version)) }
        if !initialContext.isEmpty { object["initial_context"] = .string(initialContext) }
        if !customMetadata.isEmpty { object["custom_metadata"] = .object(customMetadata) }
        if let targets { object["targets"] = .array(JSONArray(targets.map { .string($0) })) }
        if let label { object["label"] = .string(label) }
        return .object(object)
    }
}

extension WorkflowOutput {
    /// The fields of the contract.
    enum Field: String, CaseIterable {
        case reject
        case rejectReason = "reject_reason"
        case agentID = "agent_id"
        case version
        case initialContext = "initial_context"
        case customMetadata = "custom_metadata"
        case targets
        case label

        /// The type that a definition may write down for it.
        var typeName: String {
            switch self {
            case .reject: "boolean"
            case .version: "number"
            case .customMetadata: "object"
            case .targets: "array"
            case .rejectReason, .agentID, .initialContext, .label: "string"
            }
        }
    }

    /// Takes one field over.
    ///
    /// Nothing is coerced.
    mutating func set(_ field: Field, to value: JSONValue) throws(WorkflowFault) {
        let name = field.rawValue
        switch field {
        case .reject:
            guard let flag = value.boolValue else { throw .wrongType(name, "true or false") }
            rejects = flag
        case .rejectReason:
            guard let reason = value.stringValue.flatMap(RejectReason.init(rawValue:)) else {
                throw .wrongType(name, "busy, declined or unavailable")
            }
            rejectReason = reason
        case .agentID:
            agentID = try Self.text(value, name, limit: WorkflowLimits.keyByteCountMax)
            guard agentID?.isEmpty == false else { throw .wrongType(name, "the id of an agent") }
        case .version:
            guard let number = value.integerValue, 1...Int(Int32.max) ~= number else {
                throw .wrongType(name, "a whole number from 1")
            }
            version = number
        case .initialContext:
            initialContext = try Self.text(value, name, limit: WorkflowLimits.contextByteCountMax)
        case .customMetadata:
            guard let object = value.objectValue else { throw .wrongType(name, "an object") }
            guard value.isTextWithin(WorkflowLimits.contextByteCountMax) else {
                throw .tooLong(field: name, limit: WorkflowLimits.contextByteCountMax)
            }
            customMetadata = object
        case .targets: targets = try Self.targets(value)
        case .label: label = try Self.text(value, name, limit: WorkflowLimits.keyByteCountMax)
        }
    }

    private static func text(
        _ value: JSONValue,
        _ name: String,
        limit: Int
    ) throws(WorkflowFault) -> String {
        guard let text = value.stringValue else { throw .wrongType(name, "text") }
        guard text.utf8.count <= limit else { throw .tooLong(field: name, limit: limit) }
        return text
    }

    private static func targets(_ value: JSONValue) throws(WorkflowFault) -> [String]? {
        guard let array = value.arrayValue, array.count <= WorkflowLimits.targetCountMax else {
            throw .wrongType("targets", "a list of at most \(WorkflowLimits.targetCountMax) URIs")
        }
        var targets: [String] = []
        for element in array {
            guard let uri = element.stringValue else {
                throw .wrongType("targets", "a list of texts")
            }
            // Private addresses are for the trunk to allow; everything else is wrong for all of
            // them.
            guard TargetAddress.fault(in: uri, allowsPrivate: true) == nil else {
                throw .unusableTarget(uri)
            }
            targets.append(uri)
        }
        return targets.isEmpty ? nil : targets
    }
}

extension JSONValue {
    /// Whether the value as JSON has at most `limit` octets; small values need not be written.
    fileprivate func isTextWithin(_ limit: Int) -> Bool {
        // An octet of text becomes six at most (`\u0001`), and what the estimate counts for each value
        // is, six times, more than its quotes, punctuation or digits.
        if byteCountEstimate(limit: limit / 6) <= limit / 6 { return true }
        return jsonText.utf8.count <= limit
    }
}

extension WorkflowFault {
    fileprivate static func wrongType(_ field: String, _ expected: String) -> WorkflowFault {
        .wrongType(field: field, expected: expected)
    }
}
