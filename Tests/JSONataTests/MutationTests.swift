import JSONata
import Primitives
import Testing

@Suite("Hostile expressions")
struct MutationTests {
    private static let seeds = [
        "input.lines[price > 1 and sku in ['a','b']]^(>price, sku).{sku: $sum(price * count)}",
        "($f := λ($n, $a)<n-a?:n>{ $n <= 1 ? $count($a) : $f($n - 1, [$a, $n]) }; $f(20, []))",
        "input.lines@$l#$i.tags[%.sku = 'a'].{'t': $, 'i': $i, 'p': %.price} ~> $map(λ($v,$k){$v})",
        "$replace($string(input), /([a-z]+)(\\d*)|\\s{2,5}?[^x-z]$/i, '$1-$2$$')",
        "$formatNumber(-1234.5678e-3, '#,##0.00##e0;(0)%') & $formatInteger(1999, 'Ww;o')",
        "$fromMillis($toMillis('2018-03-27', '[Y0001]-[M01]-[D01]'), '[FNn,3-3] [D1o] [MNn] [Z01:01t]')",
        "$ ~> |input.lines[0]|{'price': price * 2, 'x': $.sku}, ['tags']| ~> $lookup('input')",
        "[1..5, -3..3][[0..2, -1]].($power($, 2.5) ?? $round($, 2) ?: 'none') & **.price & *[0]",
        "$split('a,b;c', /[,;]/) ~> $zip([1,2,3]) ~> $reduce(λ($a,$b){$append($a,$b)}, [])",
        "$pad($substring('héllo👍', -3, 2), -7.5, 'ab') & $encodeUrl('ä%') & $base64decode('!!')",
    ]
    private static let input = #"""
        {"input":{"lines":[{"sku":"a","price":3,"count":2,"tags":["x","y"]},
        {"sku":"b","price":1,"count":5,"tags":[]},{"sku":"c","price":2.5,"count":0}]}}
        """#
    private static let pieces = [
        "(", ")", "[", "]", "{", "}", ".", "..", "%", "@$v", "#$w", "^(", "~>", "|", "?", ":", ":=",
        "$", "$$", "**", "*", "-", "/a/", "'", "\"", "`", "1e308", "-0", "λ($x){", "<a<n>>", ",",
        ";",
        "\\", "null", "[]", "1/0", "$sum", "$map", "'[Y", "??", "?:", " ", "9999999999",
        "\u{1F44D}",
    ]

    @Test(
        "mutated expressions never end the process, and come out the same twice",
        arguments: 1...8
    )
    func mutations(seed: UInt64) {
        var random = seed &* 0x9E37_79B9_7F4A_7C15
        func next(_ bound: Int) -> Int {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(random >> 33) % bound
        }
        var limits = EvaluationLimits.forTests
        limits.operationCountMax = 5_000
        for _ in 0..<400 {
            var text = Array(Self.seeds[next(Self.seeds.count)])
            for _ in 0...next(4) {
                let start = next(text.count + 1)
                let end = min(start + next(6), text.count)
                let piece = next(3) == 0 ? "" : Self.pieces[next(Self.pieces.count)]
                text.replaceSubrange(start..<end, with: Array(piece))
            }
            let expression = String(text)
            let first = outcome(expression, over: Self.input, limits: limits)
            #expect(outcome(expression, over: Self.input, limits: limits) == first)
        }
    }
}
