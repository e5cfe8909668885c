import JSONata

/// What a step came to: what later expressions see under its id.
///
/// It is made into an object only for an expression that looks at the whole; most look at one member.
enum StepResult: Sendable {
    /// `condition` and `split`: `{label}`.
    case branch(String)
    /// `schedule`: `{label, local_time}`.
    case hours(String, LocalTime)
    /// `lookup`: `{found, value}`.
    case entry(JSONValue?)
    /// `limit`: `{label, count}`.
    case count(String, Int)
    /// `sticky`: `{found, agent_id}`, without `agent_id` where nobody is remembered.
    case agent(String?)
    /// All else: the value itself.
    case value(JSONValue)

    /// The result as expressions see it.
    var value: JSONValue {
        switch self {
        case .branch(let label): ["label": .string(label)]
        case .hours(let label, let time):
            ["label": .string(label), "local_time": .string(time.text)]
        case .entry(let value): ["found": .bool(value != nil), "value": value ?? .null]
        case .count(let label, let count):
            ["label": .string(label), "count": .number(Double(count))]
        case .agent(nil): ["found": false]
        case .agent(let agent?): ["found": true, "agent_id": .string(agent)]
        case .value(let value): value
        }
    }

    /// The member of a step's own result; nil for one that is not there, and for `value`.
    private func member(_ name: String) -> JSONValue? {
        switch (self, name) {
        case (.branch(let label), "label"), (.hours(let label, _), "label"),
            (.count(let label, _), "label"):
            .string(label)
        case (.hours(_, let time), "local_time"): .string(time.text)
        case (.entry(let value), "found"): .bool(value != nil)
        case (.entry(let value), "value"): value ?? .null
        case (.count(_, let count), "count"): .number(Double(count))
        case (.agent(let agent), "found"): .bool(agent != nil)
        case (.agent(let agent?), "agent_id"): .string(agent)
        default: nil
        }
    }

    /// What `JSONValue.byteCountEstimate` says of the result.
    func byteCountEstimate(limit: Int) -> Int {
        switch self {
        case .branch(let label): 37 + label.utf8.count
        case .hours(let label, _): 63 + label.utf8.count + LocalTime.textByteCount
        case .entry(let value): 42 + (value?.byteCountEstimate(limit: limit) ?? 16)
        case .count(let label, _): 58 + label.utf8.count
        case .agent(nil): 37
        case .agent(let agent?): 61 + agent.utf8.count
        case .value(let value): value.byteCountEstimate(limit: limit)
        }
    }

    /// Says what the path `number`, which goes on by `names`, leads to from here.
    func fill(_ number: Int, of paths: inout PathValues, by names: [String]) {
        if case .value(let value) = self {
            paths.set(number, by: names, in: value)
        } else if let name = names.first {
            guard let member = member(name) else { return }
            paths.set(number, by: names, from: 1, in: member)
        } else {
            paths.set(number, in: value)
        }
    }
}
