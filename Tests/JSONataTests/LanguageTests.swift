import JSONata
import Primitives
import Testing

@Suite("The language")
struct LanguageTests {
    private static let order = """
        {"id": "o1", "lines": [
          {"sku": "a", "price": 3, "count": 2, "tags": ["x", "y"]},
          {"sku": "b", "price": 1, "count": 5, "tags": ["x"]},
          {"sku": "c", "price": 2, "count": 1}],
         "buyer": {"name": "Ann", "city": "Ulm"}}
        """

    @Test(
        "paths flatten what they meet, and a single result stands for itself",
        arguments: [
            Example("id", #""o1""#),
            Example("lines.sku", #"["a","b","c"]"#),
            Example("lines[1].sku", #""b""#),
            Example("lines[-1].sku", #""c""#),
            Example("lines[price > 1].sku", #"["a","c"]"#),
            Example("lines[price > 2].sku", #""a""#),
            Example("lines[price > 2].sku[]", #"["a"]"#),
            Example("lines[price > 9].sku", "undefined"),
            Example("lines.tags", #"["x","y","x"]"#),
            Example("lines.[tags]", #"[["x","y"],["x"],[]]"#),
            Example("lines.tags[0]", #"["x","x"]"#),
            Example("(lines.tags)[0]", #""x""#),
            Example("lines[[0,2]].price", "[3,2]"),
            Example("buyer.*", #"["Ann","Ulm"]"#),
            Example("**.name", #""Ann""#),
            Example("missing.thing", "undefined"),
            Example("id.thing", "undefined"),
        ]
    )
    func paths(example: Example) {
        #expect(outcome(example.expression, over: Self.order) == example.outcome)
    }

    @Test(
        "sorting, grouping, parents, joins and positions",
        arguments: [
            Example("lines^(price).sku", #"["b","c","a"]"#),
            Example("lines^(>price).sku", #"["a","c","b"]"#),
            Example("lines^(count > 1, >price).sku", "T2008 at 6"),
            Example("lines{sku: price * count}", #"{"a":6,"b":5,"c":2}"#),
            Example("lines{$string(price > 1): $sum(price)}", #"{"true":5,"false":1}"#),
            Example("lines.{%.id: sku}", #"[{"o1":"a"},{"o1":"b"},{"o1":"c"}]"#),
            Example("lines.tags.%.sku", #"["a","a","b"]"#),
            Example("lines#$i[price < 3].{sku: $i}", #"[{"b":1},{"c":2}]"#),
            Example(
                "lines@$a.lines@$b[$a.price > $b.price].($a.sku & $b.sku)",
                #"["ab","ac","cb"]"#
            ),
            Example("lines[tags]#$n.$n", "[0,1]"),
        ]
    )
    func orders(example: Example) {
        #expect(outcome(example.expression, over: Self.order) == example.outcome)
    }

    @Test(
        "a transform changes a copy",
        arguments: [
            Example(
                "($ ~> |lines|{'price': price * 2}|).lines.price",
                "[6,2,4]"
            ),
            Example("($ ~> |lines|{'price': price * 2}|; lines.price)", "[3,1,2]"),
            Example("$ ~> |buyer|{}, 'city'| ~> $lookup('buyer')", #"{"name":"Ann"}"#),
            Example(
                "($ ~> |**[sku = 'a']|{'n': $count(tags)}, ['tags', 'price']|).lines[0]",
                #"{"sku":"a","count":2,"n":2}"#
            ),
            Example("($ ~> |buyer|{'self': $}|).buyer.self.city", #""Ulm""#),
            Example("$ ~> |lines|5|", "T2011 at 13"),
            Example("$ ~> |lines|{}, 5|", "T2012 at 17"),
            Example("($clone := 5; $ ~> |lines|{}|)", "T2013 at 20"),
        ]
    )
    func transforms(example: Example) {
        #expect(outcome(example.expression, over: Self.order) == example.outcome)
    }

    @Test(
        "operators",
        arguments: [
            Example("2 + 3 * 4 - 6 / 2 % 2", "13"),
            Example("0.1 + 0.2", "0.30000000000000004"),
            Example("-7 % 3", "-1"),
            Example("1 / 0 = 1", "false"),
            Example("- -3", "3"),
            Example("'a' & 1 & null & [1] & {'b': true}", #""a1null[1]{\"b\":true}""#),
            Example("[1,2] = [1,2] and {'a':1,'b':2} = {'b':2,'a':1}", "true"),
            Example("'\u{E9}' = 'e\u{301}'", "false"),
            Example("nothing = nothing", "false"),
            Example("'\u{10000}' < '\u{FFFD}'", "true"),
            Example("2 in [1,2] and 'a' in 'a'", "true"),
            Example("nothing ?? 'd'", #""d""#),
            Example("null ?? 'd'", "null"),
            Example("0 ?: 'd'", #""d""#),
            Example("false ? 1", "undefined"),
            Example("[1..3, 7]", "[1,2,3,7]"),
            Example("[3..1]", "[]"),
            Example("false and $error('not reached')", "false"),
            Example("true or $error('not reached')", "true"),
        ]
    )
    func operators(example: Example) {
        #expect(outcome(example.expression) == example.outcome)
    }

    @Test(
        "functions are values: closures, partial application, chains, signatures",
        arguments: [
            Example("(function($x) { $x * 2 })(4)", "8"),
            Example("($k := 3; $f := λ($x){$x + $k}; $k := 5; $f(1))", "6"),
            Example("($f := λ($x){($y := $x; λ($z){$y * $z})}; $f(3)(4))", "12"),
            Example("($inc := $sum(?); $inc([1,2]))", "3"),
            Example("($add := λ($a,$b){$a+$b}; $map([1,2], $add(?, 10)))", "[11,12]"),
            Example("$substring(?, 1, ?)('hello', 3)", #""ell""#),
            Example("'abc' ~> $uppercase ~> $length", "3"),
            Example("($u := $trim ~> $uppercase; $u('  a '))", #""A""#),
            Example("[1,2,3] ~> $map(λ($x){$x*$x}) ~> $sum()", "14"),
            Example("λ($a, $b)<n-n:n>{$a + $b}(1, 2)", "3"),
            Example("[1,2].λ($a, $b)<n-n:n>{$a + $b}(10)", "[11,12]"),
            Example("λ($a)<a<n>>{$a}(5)", "[5]"),
            Example("λ($a)<n:n>{$a}('x')", "T0410 at 15"),
            Example("sum([1])", "T1005 at 4"),
            Example("sum(?)", "T1007 at 4"),
            Example("5(?)", "T1008 at 2"),
            Example("1 ~> 2", "T2006 at 4"),
            Example("$sum", "undefined"),
            Example("{'f': $sum, 'x': 1}", #"{"x":1}"#),
        ]
    )
    func functions(example: Example) {
        #expect(outcome(example.expression) == example.outcome)
    }

    @Test(
        "an array as input is one value",
        arguments: [
            Example("$", "[[1,2],[3]]"),
            Example("$[0]", "[1,2]"),
            Example("$count($)", "2"),
            Example("$$[1][0]", "3"),
            Example("{'n': $count($)}", #"{"n":2}"#),
            Example("*", "[1,2,3]"),
        ]
    )
    func arrayInput(example: Example) {
        #expect(outcome(example.expression, over: "[[1,2],[3]]") == example.outcome)
    }

    @Test("variables of the caller are seen, and shadow the library")
    func bindings() throws {
        let expression = try Expression(parsing: "$who & $count")
        let result = try expression.evaluate(
            input: nil,
            bindings: ["who": "Ann", "count": 3],
            environment: EvaluationEnvironment(timestamp: .init(seconds: 0))
        )
        #expect(result == "Ann3")
    }
}
