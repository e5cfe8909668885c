import Foundation

/// What becomes of calls by a `ReferenceWorkflow`: the contract in the plainest form, with a list where
/// the engine has a table, and Foundation's time zones where the engine has its own.
struct ReferenceModel {
    let workflow: ReferenceWorkflow
    /// Agents that can take calls.
    let agents: Set<String>
    private var arrivals: [String: (end: Int64, count: Int)] = [:]
    private var leases: [(key: String, call: String, end: Int64)] = []
    private var reached: [String: (agent: String, at: Int64)] = [:]
    /// The steps that the last call took.
    private(set) var path: [String] = []

    init(_ workflow: ReferenceWorkflow, agents: Set<String>) {
        self.workflow = workflow
        self.agents = agents
    }

    struct Call {
        var id: String
        var caller: String
        var called: String
        var door: String
        /// By the clock on the wall, in seconds since 1970.
        var time: Int64
        /// By the clock that counts, in seconds.
        var now: Int64
        var answer: Answer
    }

    /// What the host of every `http` step says.
    enum Answer {
        case agent(String)
        case status(Int)
        case noJSON
        case nothing
    }

    enum Outcome: Equatable, CustomStringConvertible {
        /// The output as JSON members, in no order.
        case decided([String: String])
        /// The fault and the step that has it.
        case failed(String, step: Int)

        var description: String {
            switch self {
            case .decided(let fields):
                fields.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: " ")
            case .failed(let fault, let step): "\(fault) at s\(step)"
            }
        }
    }

    /// What a step has left behind: members as text, `true` for true.
    private typealias Results = [Int: [String: String]]

    mutating func decide(_ call: Call) -> Outcome {
        var results: Results = [:]
        var stickyKeys: [String] = []
        var place = 0
        path = []
        while true {
            path.append("s\(place)")
            let step = workflow.steps[place]
            let turn = take(step.kind, place, call, &results, &stickyKeys)
            switch turn {
            case .next(let next): place = next
            case .end(let fields):
                if fields["reject"] != "true", let agent = fields["agent_id"] {
                    for key in stickyKeys { reached[key] = (agent, call.now) }
                }
                return .decided(fields.filter { $0 != ("reject", "false") })
            case .fault(let fault):
                guard let onError = step.onError else { return .failed(fault, step: place) }
                place = onError
            }
        }
    }

    private enum Turn {
        case next(Int)
        case end([String: String])
        case fault(String)
    }

    private mutating func take(
        _ kind: ReferenceWorkflow.Kind,
        _ place: Int,
        _ call: Call,
        _ results: inout Results,
        _ stickyKeys: inout [String]
    ) -> Turn {
        switch kind {
        case .trigger(let next), .note(let next): return .next(next)
        case .condition(let tests, let otherwise):
            let first = tests.first { holds($0.when, call, results) }
            results[place] = ["label": first?.label ?? "default"]
            return .next(first?.next ?? otherwise)
        case .schedule(let hours, let open, let closed):
            let isOpen = Self.isOpen(hours, at: call.time)
            results[place] = ["label": isOpen ? "open" : "closed"]
            return .next(isOpen ? open : closed)
        case .split(let key, let shares):
            let share = Self.share(of: text(key, call, results) ?? "", step: "s\(place)", shares)
            results[place] = ["label": share.label]
            return .next(share.next)
        case .set(let name, let value, let next):
            results[place] = text(value, call, results).map { [name: $0] } ?? [:]
            return .next(next)
        case .lookup(let key, let next):
            let value = find(text(key, call, results) ?? "", at: call.time)
            results[place] = ["found": value == nil ? "false" : "true"]
            // What is not found has the value null, which is no agent, and `null` inside a text.
            results[place]?["value"] = value ?? "null"
            return .next(next)
        case .limit(let key, let max, let window, let lease, let within, let over):
            let key = "s\(place) \(text(key, call, results) ?? "")"
            let count =
                if let window { arrive(key, window, call.now) } else {
                    enter(key, call.id, max, lease, call.now)
                }
            results[place] = ["label": count > max ? "over" : "within", "count": "\(count)"]
            return .next(count > max ? over : within)
        case .sticky(let key, let ttl, let next):
            let key = text(key, call, results) ?? ""
            stickyKeys.append(key)
            results[place] = ["found": "false"]
            if let last = reached[key], call.now - last.at < ttl, agents.contains(last.agent) {
                results[place] = ["found": "true", "agent_id": last.agent]
            }
            return .next(next)
        case .http(let next):
            switch call.answer {
            case .nothing: return .fault("http_unreachable")
            case .noJSON:
                results[place] = ["status_code": "200"]
                return .fault("http_malformed_body")
            case .status(let status):
                results[place] = ["status_code": "\(status)"]
                return .fault("http_status")
            case .agent(let agent):
                results[place] = ["status_code": "200", "body.agent": agent]
                return .next(next)
            }
        case .output(let fields): return end(fields, call, results)
        }
    }

    private func end(
        _ fields: [(field: String, value: ReferenceWorkflow.Value)],
        _ call: Call,
        _ results: Results
    ) -> Turn {
        var output: [String: String] = [:]
        for (name, value) in fields {
            switch value {
            case .text(let text):
                output[name] = self.text(text, call, results)
                if output[name] == "null" { return .fault("wrong_type") }
            case .flag(let flag): output[name] = "\(flag)"
            case .number(let number): output[name] = "\(number)"
            case .targets(let uris): output[name] = uris.isEmpty ? nil : uris.joined(separator: ",")
            }
        }
        if output["reject"] == "true" { return .end(output) }
        guard let agent = output["agent_id"] else {
            return output["targets"] == nil ? .fault("no_answer") : .end(output)
        }
        guard agents.contains(agent), (output["version"] ?? "1") == "1" else {
            return .fault("unusable_agent")
        }
        return .end(output)
    }

    // MARK: - Texts

    private func text(
        _ text: ReferenceWorkflow.Text,
        _ call: Call,
        _ results: Results
    ) -> String? {
        switch text {
        case .caller: call.caller
        case .called: call.called
        case .door: call.door
        case .literal(let literal): literal
        case .member(let step, let name): results[step]?[name]
        case .joined(let left, let right):
            (self.text(left, call, results) ?? "") + (self.text(right, call, results) ?? "")
        }
    }

    private func holds(
        _ test: ReferenceWorkflow.Test,
        _ call: Call,
        _ results: Results
    ) -> Bool {
        switch test {
        case .equals(let text, let other): self.text(text, call, results) == other
        case .isTrue(let step, let name): results[step]?[name] == "true"
        case .exceeds(let step, let name, let bound):
            results[step]?[name].flatMap { Int($0) }.map { $0 > bound } ?? false
        case .both(let left, let right):
            holds(left, call, results) && holds(right, call, results)
        case .either(let left, let right):
            holds(left, call, results) || holds(right, call, results)
        }
    }

    // MARK: - Memory

    private func find(_ key: String, at time: Int64) -> String? {
        let alive = workflow.list.filter { $0.expires.map { time < $0 } ?? true }
        if let whole = alive.last(where: { $0.key == key }) { return whole.value }
        let fitting = alive.filter { $0.key.hasSuffix("*") && key.hasPrefix($0.key.dropLast()) }
        return fitting.max { $0.key.count < $1.key.count }?.value
    }

    private mutating func arrive(_ key: String, _ window: Int, _ now: Int64) -> Int {
        if let open = arrivals[key], now < open.end {
            arrivals[key] = (open.end, open.count + 1)
            return open.count + 1
        }
        arrivals[key] = (now + Int64(window), 1)
        return 1
    }

    private mutating func enter(
        _ key: String,
        _ call: String,
        _ max: Int,
        _ lease: Int,
        _ now: Int64
    ) -> Int {
        leases.removeAll { $0.key == key && $0.end <= now }
        let up = leases.filter { $0.key == key }
        if up.contains(where: { $0.call == call }) { return up.count }
        if up.count < max { leases.append((key, call, now + Int64(lease))) }
        return up.count + 1
    }

    /// A status callback says that the call is over.
    mutating func end(call: String) { leases.removeAll { $0.call == call } }

    // MARK: - Hours and shares

    private static let zones = Dictionary(
        uniqueKeysWithValues: [
            "America/New_York", "Australia/Sydney", "Europe/London", "Asia/Kolkata",
        ]
        .map { ($0, TimeZone(identifier: $0)) }
    )
    private static let epoch = Date(timeIntervalSince1970: 0)

    private static func isOpen(_ hours: ReferenceWorkflow.Hours, at time: Int64) -> Bool {
        guard let zone = zones[hours.zone] ?? nil else { return false }
        let offset = zone.secondsFromGMT(for: epoch.addingTimeInterval(TimeInterval(time)))
        let local = Int(time) + offset
        let today = local / 86_400
        // Windows of yesterday and today, each as a span of minutes since 1970 by the local calendar.
        return [today - 1, today].contains { day in
            let windows = hours.dates[date(day)] ?? hours.weekly[(day + 4) % 7] ?? []
            return windows.contains { window in
                let start = day * 1_440 + window.start
                let length = (window.end - window.start + 1_440 - 1) % 1_440 + 1
                return start * 60 <= local && local < (start + length) * 60
            }
        }
    }

    private static let calendar: Calendar = {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(secondsFromGMT: 0) ?? .current
        return calendar
    }()

    private static func date(_ day: Int) -> String {
        let date = epoch.addingTimeInterval(TimeInterval(day) * 86_400)
        let parts = calendar.dateComponents([.year, .month, .day], from: date)
        func two(_ number: Int?) -> String {
            (number ?? 0) < 10 ? "0\(number ?? 0)" : "\(number ?? 0)"
        }
        return "\(parts.year ?? 0)-\(two(parts.month))-\(two(parts.day))"
    }

    /// SipHash-2-4 of step and key, as a share of the sum of the weights.
    private static func share(
        of key: String,
        step: String,
        _ shares: [(label: String, weight: Int, next: Int)]
    ) -> (label: String, weight: Int, next: Int) {
        let total = shares.reduce(0) { $0 + $1.weight }
        let hash = sipHash(Array(step.utf8) + [0] + Array(key.utf8))
        var place = Int(hash.multipliedFullWidth(by: UInt64(total)).high)
        for share in shares.sorted(by: { $0.label < $1.label }) {
            if place < share.weight { return share }
            place -= share.weight
        }
        return shares[0]
    }

    /// The algorithm's own text (Aumasson, Bernstein 2012, §2.1), octet by octet.
    private static func sipHash(_ message: [UInt8]) -> UInt64 {
        let key: (UInt64, UInt64) = (0x7472_756E_6B6C_696E, 0x652D_7370_6C69_742E)
        var v = [
            key.0 ^ 0x736F_6D65_7073_6575, key.1 ^ 0x646F_7261_6E64_6F6D,
            key.0 ^ 0x6C79_6765_6E65_7261, key.1 ^ 0x7465_6462_7974_6573,
        ]
        func rotated(_ word: UInt64, _ count: UInt64) -> UInt64 {
            word << count | word >> (64 - count)
        }
        func round() {
            v[0] &+= v[1]; v[1] = rotated(v[1], 13) ^ v[0]; v[0] = rotated(v[0], 32)
            v[2] &+= v[3]; v[3] = rotated(v[3], 16) ^ v[2]
            v[0] &+= v[3]; v[3] = rotated(v[3], 21) ^ v[0]
            v[2] &+= v[1]; v[1] = rotated(v[1], 17) ^ v[2]; v[2] = rotated(v[2], 32)
        }
        var padded = message
        while padded.count % 8 != 7 { padded.append(0) }
        padded.append(UInt8(message.count % 256))
        for start in stride(from: 0, to: padded.count, by: 8) {
            let word = padded[start..<(start + 8)].reversed().reduce(UInt64(0)) {
                $0 << 8 | UInt64($1)
            }
            v[3] ^= word
            round()
            round()
            v[0] ^= word
        }
        v[2] ^= 0xFF
        for _ in 0..<4 { round() }
        return v[0] ^ v[1] ^ v[2] ^ v[3]
    }
}
