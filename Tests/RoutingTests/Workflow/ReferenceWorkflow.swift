/// A workflow as the contract describes it, in a form that says nothing of how the engine works.
///
/// It is written as JSON for the engine, and walked as it stands by `ReferenceModel`.
struct ReferenceWorkflow {
    var steps: [Step] = []
    /// Keys, `*` at the end for a prefix, with the value and the second of 1970 at which each expires.
    var list: [(key: String, value: String, expires: Int64?)] = []

    /// Steps are named `s0`, `s1` and so on; those that a branch leads to come later.
    struct Step {
        var kind: Kind
        var onError: Int?
    }

    enum Kind {
        case trigger(next: Int)
        case note(next: Int)
        case condition([(label: String, when: Test, next: Int)], otherwise: Int)
        case schedule(Hours, open: Int, closed: Int)
        case split(Text, [(label: String, weight: Int, next: Int)])
        case set(String, Text, next: Int)
        case lookup(Text, next: Int)
        case limit(Text, max: Int, window: Int?, lease: Int, within: Int, over: Int)
        case sticky(Text, ttl: Int, next: Int)
        case http(next: Int)
        case output([(field: String, value: Value)])
    }

    struct Hours {
        var zone: String
        /// Minutes after midnight by weekday, 0 for Sunday; an end at or before its start is tomorrow's.
        var weekly: [Int: [(start: Int, end: Int)]] = [:]
        /// By `2026-12-25`.
        var dates: [String: [(start: Int, end: Int)]] = [:]
    }

    /// What keys and labels are made of.
    indirect enum Text {
        case caller, called, door, literal(String)
        /// A member of the result of an earlier step, which may not have run.
        case member(Int, String)
        case joined(Text, Text)
    }

    indirect enum Test {
        case equals(Text, String)
        case isTrue(Int, String)
        case exceeds(Int, String, Int)
        case both(Test, Test)
        case either(Test, Test)
    }

    enum Value {
        case text(Text)
        case flag(Bool)
        case number(Int)
        case targets([String])
    }
}

/// As JSON.
extension ReferenceWorkflow {
    var json: String {
        let texts = steps.enumerated().map { index, step in
            let onError = step.onError.map { ", \"on_error\": \"s\($0)\"" } ?? ""
            return "{\"id\": \"s\(index)\", \(Self.members(step.kind))\(onError)}"
        }
        let entries = list.map { entry in
            let expires = entry.expires.map { ", \"expires\": \"\(Self.time($0))\"" } ?? ""
            return "{\"key\": \"\(entry.key)\", \"value\": \"\(entry.value)\"\(expires)}"
        }
        return """
            {"version": 1, "initial_step": "s0", "lists": {"callers": [\(entries.joined(separator: ", "))]},
             "steps": [\(texts.joined(separator: ",\n"))]}
            """
    }

    private static func members(_ kind: Kind) -> String {
        func type(_ name: String, next: Int? = nil, _ config: String = "") -> String {
            let next = next.map { ", \"next\": \"s\($0)\"" } ?? ""
            return "\"type\": \"\(name)\"\(next)"
                + (config.isEmpty ? "" : ", \"config\": {\(config)}")
        }
        func branches(_ all: [(String, Int)]) -> String {
            ", \"branches\": {" + all.map { "\"\($0)\": \"s\($1)\"" }.joined(separator: ", ") + "}"
        }
        switch kind {
        case .trigger(let next): return type("trigger", next: next)
        case .note(let next): return type("note", next: next)
        case .condition(let tests, let otherwise):
            let list = tests.map {
                "{\"label\": \"\($0.label)\", \"when\": \"{{ \(code($0.when)) }}\"}"
            }
            return type("condition", "\"branches\": [\(list.joined(separator: ", "))]")
                + branches(tests.map { ($0.label, $0.next) } + [("default", otherwise)])
        case .schedule(let hours, let open, let closed):
            return type("schedule", members(hours))
                + branches([("open", open), ("closed", closed)])
        case .split(let key, let shares):
            let weights = shares.map { "\"\($0.label)\": \($0.weight)" }.joined(separator: ", ")
            return type("split", "\"key\": \"\(template(key))\", \"weights\": {\(weights)}")
                + branches(shares.map { ($0.label, $0.next) })
        case .set(let name, let text, let next):
            return type("set", next: next, "\"values\": {\"\(name)\": \"\(template(text))\"}")
        case .lookup(let key, let next):
            return type(
                "lookup",
                next: next,
                "\"list\": \"callers\", \"key\": \"\(template(key))\""
            )
        case .limit(let key, let max, let window, let lease, let within, let over):
            let measure =
                window.map { "\"window_seconds\": \($0)" } ?? "\"lease_seconds\": \(lease)"
            return type("limit", "\"key\": \"\(template(key))\", \"max\": \(max), \(measure)")
                + branches([("within", within), ("over", over)])
        case .sticky(let key, let ttl, let next):
            return type(
                "sticky",
                next: next,
                "\"key\": \"\(template(key))\", \"ttl_seconds\": \(ttl)"
            )
        case .http(let next):
            return type("http", next: next, "\"url\": \"https://crm.example.com/route\"")
        case .output(let fields):
            let list = fields.map { "{\"name\": \"\($0.field)\", \"value\": \(literal($0.value))}" }
            return type("output", "\"fields\": [\(list.joined(separator: ", "))]")
        }
    }

    private static func members(_ hours: Hours) -> String {
        func windows(_ windows: [(start: Int, end: Int)]) -> String {
            "[" + windows.map { "\"\(clock($0.start))-\(clock($0.end))\"" }.joined(separator: ", ")
                + "]"
        }
        let names = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
        let weekly = hours.weekly.map { "\"\(names[$0])\": \(windows($1))" }.joined(separator: ", ")
        let dates = hours.dates.map { "\"\($0)\": \(windows($1))" }.joined(separator: ", ")
        return "\"timezone\": \"\(hours.zone)\", \"weekly\": {\(weekly)}, \"dates\": {\(dates)}"
    }

    private static func clock(_ minute: Int) -> String { two(minute / 60) + ":" + two(minute % 60) }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private static func template(_ text: Text) -> String {
        if case .literal(let literal) = text { return literal }
        return "{{ \(code(text)) }}"
    }

    private static func literal(_ value: Value) -> String {
        switch value {
        case .text(let text): "\"\(template(text))\""
        case .flag(let flag): "\(flag)"
        case .number(let number): "\(number)"
        case .targets(let uris): "[" + uris.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
        }
    }

    private static func code(_ text: Text) -> String {
        switch text {
        case .caller: "input.caller_number"
        case .called: "input.called_number"
        case .door: "input.door"
        case .literal(let literal): "'\(literal)'"
        case .member(let step, let name): "s\(step).\(name)"
        case .joined(let left, let right): "\(code(left)) & \(code(right))"
        }
    }

    private static func code(_ test: Test) -> String {
        switch test {
        case .equals(let text, let other): "\(code(text)) = '\(other)'"
        case .isTrue(let step, let name): "s\(step).\(name)"
        case .exceeds(let step, let name, let bound): "s\(step).\(name) > \(bound)"
        case .both(let left, let right): "(\(code(left)) and \(code(right)))"
        case .either(let left, let right): "(\(code(left)) or \(code(right)))"
        }
    }

    /// RFC 3339, of whole days only.
    private static func time(_ second: Int64) -> String {
        var day = Int(second / 86_400)
        var year = 1970
        func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }
        while day >= (isLeap(year) ? 366 : 365) {
            day -= isLeap(year) ? 366 : 365
            year += 1
        }
        var month = 1
        while true {
            let days =
                month == 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
            guard day >= days else { break }
            day -= days
            month += 1
        }
        return "\(year)-\(two(month))-\(two(day + 1))T00:00:00Z"
    }
}
