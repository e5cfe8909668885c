import JSONata
import Primitives
import Routing

/// For programs: `trunkline route --json` and `POST /trunkline/v1/routing/explain`.
extension CallExplanation {
    package var value: JSONValue {
        var doors = JSONObject()
        for door in self.doors { doors["\(door.door.name)"] = door.value }
        let readings: [JSONValue] = self.readings.map { reading in
            let door: IncomingCall.Door = reading.trunk == nil ? .twilio : .sip
            var object: JSONObject = ["door": .string("\(door.name)")]
            object["trunk"] = reading.trunk.map { .string($0) }
            object["number"] = .null
            if case .number(let read) = reading.number { object["number"] = .string(read.e164) }
            object["rule"] = .string(reading.rule)
            return .object(object)
        }
        return [
            "dialled": .string(dialled), "readings": .array(JSONArray(readings)),
            "doors": .object(doors), "hints": .strings(hints),
        ]
    }

    package var json: String { value.jsonText + "\n" }
}

extension JSONValue {
    static func strings(_ texts: [String]) -> JSONValue {
        .array(JSONArray(texts.map { .string($0) }))
    }
}

extension ExplainedDoor {
    fileprivate var value: JSONValue {
        var object = JSONObject()
        object["outcome"] = decision.refusal == nil ? "answered" : "refused"
        if let reason = decision.refusal { object["reason"] = .string(reason.rawValue) }
        object["status"] = .number(Double(status))
        object["rule"] = .string("\(decision.rule.name)")
        object["organization"] = organization.map { .string($0) }
        object["trunk"] = trunk.map { .string($0) }
        object["credential"] = credential.map { .string($0) }
        object["carrier_reason"] = carrierReason.map { .string($0) }
        object["agent"] = agent.map { .string($0) }
        if agent != nil { object["version"] = .number(Double(decision.version)) }
        object["targets"] = .strings(offered)
        object["target_states"] = .array(JSONArray(targets.map(\.value)))
        let tests: [JSONValue] = self.tests.map {
            ["test": .string($0.test.name), "held": .bool($0.held)]
        }
        object["tests"] = .array(JSONArray(tests))
        object["workflow"] = decision.workflow?.explanation?.value
        if !leftOut.isEmpty { object["left_out"] = .strings(leftOut) }
        object["answer"] = .string(answer)
        object["micros"] = .number(Double(duration.nanoseconds / 1_000))
        return .object(object)
    }
}

extension ExplainedDoor.Target {
    fileprivate var value: JSONValue {
        var object: JSONObject = ["uri": .string(uri), "offered": .bool(position != nil)]
        object["position"] = position.map { .number(Double($0)) }
        object["omission"] = omission.map { .string($0) }
        object["state"] = state.map { .string($0) }
        return .object(object)
    }
}
