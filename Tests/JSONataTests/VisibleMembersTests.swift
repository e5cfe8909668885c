import JSONata
import Testing

extension VisibleMembers {
    /// The value without the members of objects that are out of sight.
    func part(of value: JSONValue) -> JSONValue {
        guard !isEverything, case .object(let object) = value else { return value }
        var part = JSONObject()
        for entry in object where !self[entry.key].isNothing {
            part.set(self[entry.key].part(of: entry.value), forKey: entry.key)
        }
        return .object(part)
    }

    /// `*` for everything, else the names and what is seen of each.
    var text: String {
        if isEverything { return "*" }
        return names.sorted().map { "\($0)(\(self[$0].text))" }.joined(separator: " ")
    }
}

@Suite("What an expression sees of its context")
struct VisibleMembersTests {
    @Test(
        "names are seen with all that is in them",
        arguments: [
            Example("1 + 2", ""), Example("input.caller", "input(caller(*))"),
            Example("input.headers.`X-A` = 'b' or s.found", "input(headers(X-A(*))) s(found(*))"),
            Example("input.a & input.b.c & input.b", "input(a(*) b(*))"),
            Example("$contains(input.a, 'x') ? s.v : 'none'", "input(a(*)) s(v(*))"),
            Example("$uppercase(s.v) ~> $trim()", "s(v(*))"),
            Example("$round(s.v) > 3", "s(v(*))"),
            Example("{'tier': s.tier, 'from': input.a}", "input(a(*)) s(tier(*))"),
            Example("($x := input.a; $x & s.b)", "input(a(*)) s(b(*))"),
        ]
    )
    func names(example: Example) throws {
        #expect(try Expression(parsing: example.expression).visibleInput.text == example.outcome)
    }

    @Test(
        "whatever takes the context as a whole sees everything",
        arguments: [
            "$", "$$", "*", "**.a", "$keys()", "$string()", "$string($)", "$lookup('a')",
            "$lookup($, 'a')", "input.%", "input@$i.s", "input#$i.s", "($f := $keys; $f())",
            "$.input", "input ~> $lookup('a')", "(function($x)<o-:o>{$x})()", "$not()",
        ]
    )
    func everything(expression: String) throws {
        #expect(try Expression(parsing: expression).visibleInput.isEverything)
    }

    @Test("what several expressions see is seen together")
    func union() throws {
        var seen = try Expression(parsing: "input.a").visibleInput
        seen.formUnion(try Expression(parsing: "input.b.c").visibleInput)
        seen.formUnion(try Expression(parsing: "1").visibleInput)
        #expect(seen.text == "input(a(*) b(c(*)))")
        #expect(seen["input"]["b"].names == ["c"])
        #expect(seen["s"].isNothing)
        seen.formUnion(.everything)
        #expect(seen.text == "*" && seen["any"].isEverything && !seen.isNothing)
    }
}
