import JSONata
import Primitives
import Testing

/// Random expressions of the kind that people write, and random contexts for them.
private struct DirectGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
    }

    mutating func below(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(bound))
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[below(elements.count)]
    }

    mutating func expression(depth: Int) -> String {
        guard depth > 0, below(5) > 0 else { return below(2) == 0 ? path() : pick(Self.constants) }
        let next = depth - 1
        switch below(8) {
        case 0...3:
            return "\(expression(depth: next)) \(pick(Self.operators)) \(expression(depth: next))"
        case 4: return "(\(expression(depth: next)))"
        case 5:
            return "(\(expression(depth: next)) ? \(expression(depth: next)) : \(path()))"
        case 6: return "\(pick(Self.functions))(\(expression(depth: next)))"
        default:
            let name = pick(["$contains", "$substringBefore", "$substring", "$append", "$split"])
            return "\(name)(\(expression(depth: next)), \(expression(depth: next)))"
        }
    }

    private mutating func path() -> String {
        var path = pick(["input", "known", "facts"])
        for _ in 0..<below(3) { path += "." + pick(Self.names) }
        return path
    }

    mutating func context() -> JSONValue {
        ["input": value(depth: 3), "known": value(depth: 2), "facts": value(depth: 1)]
    }

    private mutating func value(depth: Int) -> JSONValue {
        switch below(depth > 0 ? 10 : 5) {
        case 0:
            return .string(
                pick(["x", "", "+12125550123", "Größe", "a rather long text of the call"])
            )
        case 1: return .number(pick([0, 1, -2.5, 1e300]))
        case 2: return .bool(below(2) == 0)
        case 3: return .null
        case 4: return .string(pick(["xy", "0", "+1415"]))
        case 5:
            var array = JSONArray()
            for _ in 0..<below(3) { array.append(value(depth: depth - 1)) }
            return .array(array)
        default:
            var object = JSONObject()
            for name in Self.names where below(2) == 0 {
                object.set(value(depth: depth - 1), forKey: name)
            }
            return .object(object)
        }
    }

    private static let names = ["a", "b", "value", "found", "label"]
    private static let constants = [
        "'x'", "''", "'+1'", "0", "1", "-2.5", "true", "false", "null", "['x', 'y', 1]", "[]",
        "'ö'",
    ]
    private static let operators = [
        "=", "!=", "<", "<=", ">", ">=", "in", "and", "or", "&", "+", "-", "*", "/", "%", "..",
    ]
    private static let functions = [
        "$not", "$exists", "$string", "$length", "$uppercase", "$boolean", "$count", "$number",
        "$sum", "$keys", "$type", "$trim", "$random", "$unknown", "$map", "$spread",
    ]
}

@Suite("The short way of common expressions")
struct DirectEvaluationTests {
    /// The value or the error of an expression, and the operations that it took.
    private func outcome(
        _ expression: Expression,
        over context: JSONValue,
        bindings: [String: JSONValue] = [:],
        limits: EvaluationLimits,
        showsFaultyValue: Bool = true
    ) -> String {
        let evaluator = Evaluator(timestamp: WallTime(seconds: 1_790_000_000), seed: .number(7))
        let result: String
        do throws(JSONataError) {
            let value = try evaluator.value(
                of: expression,
                over: context,
                bindings: bindings,
                limits: limits
            )
            result = value?.jsonText ?? "undefined"
        } catch {
            let value = showsFaultyValue ? error.value?.jsonText ?? "-" : ""
            result = "\(error) \(error.token ?? "-") \(value)"
        }
        return "\(result) in \(evaluator.operationCount)"
    }

    @Test("is the long way: the same values, errors and operations", arguments: 1...8)
    func agrees(seed: UInt64) throws {
        var generator = DirectGenerator(seed: seed)
        var kinds: Set<String> = []
        for _ in 0..<1_500 {
            let text = generator.expression(depth: 3)
            guard let expression = try? Expression(parsing: text) else { continue }
            var limits = EvaluationLimits.forTests
            if generator.below(4) == 0 { limits.operationCountMax = generator.below(12) }
            if generator.below(4) == 0 { limits.valueByteCountMax = generator.below(80) }
            if generator.below(8) == 0 { limits.depthMax = generator.below(6) }
            let context = generator.context()
            // A variable to bind keeps the evaluator from the short way.
            let long = outcome(expression, over: context, bindings: ["-": .null], limits: limits)
            let short = outcome(expression, over: context, limits: limits)
            #expect(short == long, "\(text) over \(context.jsonText)")
            // The value at fault, which no message shows, may be the context itself.
            let whole = outcome(
                expression,
                over: context,
                limits: limits,
                showsFaultyValue: false
            )
            let part = outcome(
                expression,
                over: expression.visibleInput.part(of: context),
                limits: limits,
                showsFaultyValue: false
            )
            #expect(part == whole, "\(text) over \(context.jsonText) as far as it is seen")
            kinds.insert(String(long.prefix(3)))
        }
        // Values, nothing, and errors of several kinds have been met.
        #expect(kinds.count > 12)
    }

    @Test("comes to the same with the paths of many expressions in one table", arguments: 1...4)
    func sharedPaths(seed: UInt64) throws {
        var generator = DirectGenerator(seed: seed &+ 100)
        var counts = (short: 0, long: 0)
        for _ in 0..<150 {
            var paths = PathTable()
            var texts: [String] = []
            var expressions: [Expression] = []
            for _ in 0..<8 {
                let text = generator.expression(depth: 2)
                guard let expression = try? Expression(parsing: text, numbering: &paths) else {
                    continue
                }
                texts.append(text)
                expressions.append(expression)
            }
            let context = generator.context()
            var values = PathValues(of: paths)
            for entry in try #require(context.objectValue) {
                for (number, names) in paths.paths(startingWith: entry.key) {
                    values.set(number, by: names, in: entry.value)
                }
            }
            let evaluator = Evaluator(timestamp: WallTime(seconds: 1_790_000_000), seed: .number(7))
            for (text, expression) in zip(texts, expressions) {
                let limits = (operations: 100_000, bytes: 256 << 10)
                let short: JSONValue?
                do throws(Evaluator.DeadEnd) {
                    short = try evaluator.value(
                        of: expression,
                        paths: values,
                        operationCountMax: limits.operations,
                        valueByteCountMax: limits.bytes
                    )
                } catch {
                    counts.long += 1
                    continue
                }
                counts.short += 1
                let operationCount = evaluator.operationCount
                let long = try evaluator.value(
                    of: expression,
                    over: context,
                    operationCountMax: limits.operations,
                    valueByteCountMax: limits.bytes
                )
                #expect(short?.jsonText == long?.jsonText, "\(text) over \(context.jsonText)")
                #expect(operationCount == evaluator.operationCount, "\(text)")
            }
        }
        #expect(counts.short > 200 && counts.long > 50)
    }

    @Test("operations are counted to the last one")
    func operations() throws {
        for text in ["input.a = 'x' or input.b", "$sum($map([1..9], function($x) { $x + 1 }))"] {
            let expression = try Expression(parsing: text)
            var limits = EvaluationLimits.forTests
            let evaluator = Evaluator(timestamp: WallTime(seconds: 0), seed: .number(0))
            _ = try evaluator.value(of: expression, over: ["input": ["a": 1]], limits: limits)
            limits.operationCountMax = evaluator.operationCount
            _ = try evaluator.value(of: expression, over: ["input": ["a": 1]], limits: limits)
            limits.operationCountMax -= 1
            #expect(throws: JSONataError.self) {
                try evaluator.value(of: expression, over: ["input": ["a": 1]], limits: limits)
            }
        }
    }

    @Test("texts are found and cut alike whatever they are made of and however long they are")
    func texts() {
        var generator = DirectGenerator(seed: 5)
        for _ in 0..<500 {
            var text = ""
            for _ in 0..<generator.below(60) { text += generator.pick(["a", "b"]) }
            var pattern = ""
            for _ in 0..<generator.below(24) { pattern += generator.pick(["a", "b"]) }
            let wide = text.replacing("a", with: "ä")
            let widePattern = pattern.replacing("a", with: "ä")
            let found = "\(text.contains(pattern) || pattern.isEmpty)"
            #expect(outcomeOf("$contains('\(text)', '\(pattern)')") == found)
            #expect(outcomeOf("$contains('\(wide)', '\(widePattern)')") == found)
            let start = generator.below(80) - 40
            let length = generator.below(50) - 5
            let cut = outcomeOf("$substring('\(text)', \(start), \(length))")
            let wideCut = outcomeOf("$substring('\(wide)', \(start), \(length))")
            #expect(cut.replacing("a", with: "ä") == wideCut)
        }
    }

    private func outcomeOf(_ expression: String) -> String { JSONataTests.outcome(expression) }
}
