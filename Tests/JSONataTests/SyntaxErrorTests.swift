import JSONata
import Testing

@Suite("Errors of syntax")
struct SyntaxErrorTests {
    @Test(
        "have the reference's code and the position behind the token",
        arguments: [
            Example("'abc", "S0101 at 4"), Example("1e999", "S0102 at 0"),
            Example(#"'\x'"#, "S0103 at 2"), Example(#"'\u12'"#, "S0104 at 2"),
            Example("`abc", "S0105 at 4"), Example("1 /* x", "S0106 at 2"),
            Example("a b", "S0201 at 3"), Example("{'a'}", "S0202 at 5"),
            Example("[1,2", "S0203 at 4"), Example("1 ! 2", "S0204 at 3"),
            Example("1 +", "S0207 at 3"), Example("", "S0207 at 0"),
            Example("λ(x){1}", "S0208 at 3"), Example("[1]{'x':1}[0]", "S0209 at 11"),
            Example("a{'x':1}{'y':2}", "S0210 at 9"), Example(".5", "S0211 at 1"),
            Example("a := 1", "S0212 at 1"), Example("a.1", "S0213 at 3"),
            Example("a@b", "S0214 at 2"), Example("a[1]@$b", "S0215 at 5"),
            Example("a^(b)@$c", "S0216 at 6"), Example("%", "S0217 at 1"),
            Example("λ($a)<n<n>>{$a}", "S0401 at 8"), Example("λ($a)<(a<n>)>{1}", "S0402 at 7"),
            Example("'👍' + ", "S0207 at 7"),
        ]
    )
    func codes(example: Example) {
        #expect(outcome(example.expression) == example.outcome)
    }
}
