import JSONata
import Testing

@Suite("Regular expressions")
struct RegexTests {
    @Test(
        "match as in JavaScript",
        arguments: [
            Example(
                #"$match('ababb', /a(b+)/).[match, index, groups]"#,
                #"[["ab",0,"b"],["abb",2,"bb"]]"#
            ),
            Example(#"$replace('John Smith', /(\w+)\s(\w+)/, '$2, $1')"#, #""Smith, John""#),
            Example(#"$replace('abcd', /(ab)|(a)/, '[$1|$2]')"#, #""[ab|]cd""#),
            Example(#"$match('ab', /(?:(a)|b)*/).groups"#, "[null]"),
            Example(#"$match('aXbX', /.*?X/).match"#, #"["aX","bX"]"#),
            Example(#"$match('aaa', /a{2}/).match"#, #""aa""#),
            Example(#"$match('aaaa', /a{1,3}?/).match"#, #"["a","a","a","a"]"#),
            Example(#"$match('x{a}', /{a}/).match"#, #""{a}""#),
            Example(#"$contains('Grüße', /GRÜ/i)"#, "true"),
            Example(#"$contains('a\nb', /^b/)"#, "false"),
            Example(#"$contains('a\nb', /^b/m)"#, "true"),
            Example(#"$contains('a\nb', /a.b/)"#, "false"),
            Example(#"$match('concat cat', /\bcat\b/).index"#, "7"),
            Example(#"$match('a-b_c', /[^\w-]|[a-c]/).match"#, #"["a","b","c"]"#),
            Example(#"$match('A1 b2', /[\D]\d/).match"#, #"["A1","b2"]"#),
            Example(#"$match('abfx5-', /[c-ea-dx\d5-9]/).match"#, #"["a","b","x","5"]"#),
            Example(#"$match('abefg', /[^e-fa-bb-d]/).match"#, #""g""#),
            Example(#"$split('a/b', /[/]/)"#, #"["a","b"]"#),
            Example(#"$match('é', /\u00e9|\xe9/).match"#, #""é""#),
            Example(
                #"$replace('aa', /a/, λ($m){$m.match & $m.index & $string($m.start)})"#,
                #""a0a1""#
            ),
            Example(#"/b(c)/('abc')"#, #"{"match":"bc","start":1,"end":3,"groups":["c"]}"#),
            Example(#"$replace('ab', /x*/, '-')"#, "D1004 at 9"),
            Example(#"$split('a', $uppercase)"#, "T1010 at 7"),
        ]
    )
    func semantics(example: Example) {
        #expect(outcome(example.expression) == example.outcome)
    }

    @Test(
        "what needs backtracking or is malformed is refused when it is parsed",
        arguments: [
            Example(#"/(a)\1/"#, "U1007 at 7"), Example("/(?=a)/", "U1007 at 7"),
            Example("/(?<!a)b/", "U1007 at 9"), Example("/a{2,1}/", "U1008 at 8"),
            Example("/*a/", "S0106 at 0"), Example("/+a/", "U1008 at 4"),
            Example("/[b-a]/", "U1008 at 7"), Example("/(((a{99}){99}){99})/", "U1008 at 21"),
            Example("//", "S0301 at 1"), Example("/abc", "S0302 at 4"),
        ]
    )
    func refusals(example: Example) {
        #expect(outcome(example.expression) == example.outcome)
    }

    /// The operations that a match takes, found by halving the limit.
    private func operations(_ expression: String, over text: String) -> Int {
        var low = 0
        var high = 1 << 24
        while low < high {
            let middle = (low + high) / 2
            var limits = EvaluationLimits.forTests
            limits.operationCountMax = middle
            limits.valueByteCountMax = .max
            if outcome(expression, over: "\"\(text)\"", limits: limits).hasPrefix("U1002") {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    @Test(
        "the work grows with the length of the text, not with its square or worse",
        arguments: [
            #"$contains($, /(a*)*b/)"#, #"$contains($, /(a|aa)+$b/)"#, #"$contains($, /(a|a)*b/)"#,
            #"$contains($, /^(([a-z])+.)+[A-Z]([a-z])+$/)"#, #"$contains($, /a*a*a*a*a*a*b/)"#,
        ]
    )
    func isLinear(expression: String) {
        let once = operations(expression, over: String(repeating: "a", count: 200))
        let tenfold = operations(expression, over: String(repeating: "a", count: 2_000))
        #expect(tenfold <= 11 * once)
    }
}
