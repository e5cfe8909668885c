import JSONata
import Primitives
import Testing

@Suite("Limits of an evaluation")
struct LimitTests {
    @Test("a recursion in tail position runs as a loop")
    func tailCalls() {
        let count = "($f := λ($n, $sum) { $n = 0 ? $sum : $f($n - 1, $sum + $n) }; $f(5000, 0))"
        #expect(outcome(count) == "12502500")
        let mutual = """
            ($even := λ($n) { $n = 0 ? true : $odd($n - 1) };
             $odd := λ($n) { $n = 0 ? false : $even($n - 1) }; $odd(4999))
            """
        #expect(outcome(mutual) == "true")
        let inBlock = "($f := λ($n) { ($m := $n - 1; $m < 0 ? 'end' : $f($m)) }; $f(3000))"
        #expect(outcome(inBlock) == #""end""#)
    }

    @Test(
        "a recursion without an end is an error, whatever it goes through",
        arguments: [
            "$f := λ($n) { 1 + $f($n) }; $f(1)", "$f := λ($n) { [$n.$f($n)] }; $f(1)",
            "$f := λ($n) { {'a': $f($n)} }; $f(1)", "$f := λ($n) { $map([$n], $f) }; $f(1)",
            "$f := λ($n) { $replace('a', /a/, $f) & 'b' }; $f(1)",
            "$f := λ($n) { $sort([1,2], $f) }; $f(1)", "$f := λ($n) { [$n][$f($n)] }; $f(1)",
            "$f := λ($n) { [1,2]^($f($)) }; $f(1)", "$f := λ($n) { [1]#$i.$f($i) }; $f(1)",
            "$f := λ($n) { $n ~> |$|{'a': $f($n)}| }; $f({})",
            "$f := λ($n) { $g(1) }; $g := $f ~> $f; $f(1)",
        ]
    )
    func endlessRecursion(body: String) {
        let result = outcome("(\(body))")
        #expect(result.hasPrefix("U1001") || result.hasPrefix("U1002"), "\(result)")
    }

    @Test("an endless loop ends at the limit on operations")
    func operations() {
        #expect(outcome("($f := λ($n) { $f($n + 1) }; $f(0))").hasPrefix("U1002"))
        #expect(outcome("[1..99999].($ * 2)").hasPrefix("U100"))
        var limits = EvaluationLimits.forTests
        limits.operationCountMax = 3
        #expect(outcome("1 + 1", limits: limits) == "2")
        #expect(outcome("1 + 1 + 1", limits: limits).hasPrefix("U1002"))
    }

    @Test("values that are made are bounded in size and depth")
    func values() {
        let doubling = "($f := λ($s, $n) { $n = 0 ? $s : $f($s & $s, $n - 1) }; $f('aaaa', 40))"
        #expect(outcome(doubling).hasPrefix("U1003"))
        #expect(outcome("[1..20000]").hasPrefix("U1003"))
        #expect(outcome("$pad('a', 1e15)").hasPrefix("U1003"))
        let nesting = "($f := λ($v, $n) { $n = 0 ? $v : $f([[$v]], $n - 1) }; $f(1, 2000))"
        #expect(outcome(nesting).hasPrefix("U1003"))
        let objects = "$reduce([1..2000], λ($v, $n) { {'a': $v} }, {})"
        #expect(outcome(objects).hasPrefix("U1003"))
    }

    @Test(
        "a value that shares its parts counts as often as they occur",
        arguments: [
            "$f($a, 40)", "$string($f($a, 13))", "$f($a, 40) = 1", "$f({'x': $a}, 40)",
            "[1..2000].$f($a, 10)",
            "($b := $f('0123456789abcdef', 10); [$b, $b, $b, $b, $b, $b, $b, $b])",
        ]
    )
    func sharing(expression: String) {
        let double = "$f := λ($v, $n) { $n = 0 ? $v : $f([[$v], [$v]], $n - 1) }"
        let result = outcome("(\(double); $a := [1]; \(expression))")
        #expect(result.hasPrefix("U1003"), "\(result.prefix(80))")
    }

    @Test("a regular expression that repeats nothing a billion times is refused")
    func emptyRepetition() {
        #expect(outcome("/(?:(?:(?:){1000}){1000}){1000}/").hasPrefix("U1008"))
    }

    @Test("a call with very many arguments does not parse")
    func arguments() {
        let many = String(repeating: "1,", count: 200) + "1"
        #expect(outcome("$zip(\(many))").hasPrefix("U1005"))
        #expect(outcome("λ()<\(String(repeating: "n?", count: 60))>{1}()").hasPrefix("U1005"))
    }

    @Test(
        "one call of a function takes no more operations than there are left",
        arguments: [
            // Every state has a copy of what 700 groups have captured.
            "$match($, /\(String(repeating: "(a*)", count: 700))b/)",
            "$toMillis($, '\(String(repeating: "[MN]", count: 20))')",
        ]
    )
    func operationsOfOneCall(expression: String) throws {
        let evaluator = Evaluator(timestamp: WallTime(seconds: 0), seed: .number(1))
        var limits = EvaluationLimits.forTests
        limits.operationCountMax = 2_000
        let parsed = try Expression(parsing: expression)
        do throws(JSONataError) {
            let text = JSONValue.string(String(repeating: "a", count: 1_000))
            _ = try evaluator.value(of: parsed, over: text, limits: limits)
            Issue.record("it came to a value")
        } catch {
            #expect(error.code == .U1002)
        }
        #expect((2_001...2_020).contains(evaluator.operationCount))
    }

    @Test(
        "a long picture costs operations, for whatever it is",
        arguments: [
            "$formatNumber(1, $pad('0', 5000, ',0'))", "$formatInteger(1, $pad('0', 5000, ',0'))",
            "$parseInteger('1', $pad('0', 5000, ',0'))", "$fromMillis(1, $pad('[Y]', 5000, ' '))",
            "$toMillis('1', $pad('[Y]', 5000, ' '))", "$parseInteger($pad('1', 5000, '0'), '0')",
        ]
    )
    func pictures(expression: String) {
        var limits = EvaluationLimits.forTests
        limits.operationCountMax = 4_000
        let result = outcome(expression, limits: limits)
        #expect(result.hasPrefix("U1002"), "\(result.prefix(80))")
    }

    @Test("a date picture that makes too large a regular expression is refused before it is made")
    func wordyPicture() {
        let picture = String(repeating: "[Yw]", count: 1_000)
        #expect(outcome("$toMillis('one', '\(picture)')").hasPrefix("U1008"))
    }

    @Test(
        "an expression that is nested too deeply does not parse",
        arguments: [
            ("(", "1", ")"), ("[", "1", "]"), ("{'a':", "1", "}"), ("-", "1", ""), ("a[", "1", "]"),
            ("$f(", "1", ")"), ("λ($x){", "1", "}"), ("1+", "1", ""), ("a^(", "1", ")"),
            ("1?", "1", ""), ("$x:=", "1", ""), ("a.(", "1", ")"), ("|a|", "1", "|"),
        ]
    )
    func nesting(open: String, middle: String, close: String) {
        let text =
            String(repeating: open, count: 5_000) + middle + String(repeating: close, count: 5_000)
        #expect(outcome(text).hasPrefix("U1005"))
    }

    @Test("an expression that is too long does not parse")
    func length() {
        let text = "'" + String(repeating: "a", count: 70_000) + "'"
        #expect(outcome(text).hasPrefix("U1005"))
    }

    @Test("$eval is refused, and the reference's limit on ranges holds")
    func refusals() {
        #expect(outcome("$eval('1')") == "U1006 at 6")
        #expect(outcome("$eval(nothing)") == "undefined")
        #expect(outcome("[1..10000001]") == "D2014 at 4")
    }

    @Test("a caller sees the token, the argument and a sentence")
    func message() throws {
        do throws(JSONataError) {
            _ = try Expression(parsing: "'x' & $uppercase(input.n)").evaluate(
                input: ["input": ["n": 5]],
                environment: EvaluationEnvironment(timestamp: WallTime(seconds: 0))
            )
            Issue.record("a number was taken for a string")
        } catch {
            #expect(error.token == "uppercase")
            #expect(error.argument == 1)
            #expect(error.value == 5)
            #expect(
                error.description
                    == "T0410 at 17: argument 1 of “uppercase” has the wrong type"
            )
        }
    }
}
