import Gateway
import Testing

@Suite("The words of a command")
struct ArgumentsTests {
    private let known = [
        Arguments.Option("--to", "NUMBER", "the dialled number"),
        Arguments.Option("-f", "FILE", "the directory file"),
        Arguments.Option("--json", nil, "for programs"),
    ]

    @Test("options stand with a blank or an equals sign, flags alone, in any order")
    func reads() throws {
        let words = ["--json", "--to=+1415", "-f", "a=b.json5", "--to", "+1416"]
        let arguments = try Arguments(words, options: known)
        #expect(arguments["--to"] == "+1416")
        #expect(arguments.values("--to") == ["+1415", "+1416"])
        #expect(arguments["-f"] == "a=b.json5")
        #expect(arguments.has("--json"))
        #expect(!arguments.has("--to"))
        #expect(arguments["--from"] == nil)
    }

    @Test("an empty value and one that looks like an option are values")
    func oddValues() throws {
        let arguments = try Arguments(["--to=", "-f", "--json"], options: known)
        #expect(arguments["--to"]?.isEmpty == true)
        #expect(arguments["-f"] == "--json")
        #expect(!arguments.has("--json"))
    }

    @Test(
        "what cannot be understood is told in a sentence",
        arguments: zip(
            [["--too", "1"], ["--to"], ["--json=yes"], ["x"], ["-"], ["--quite-other"]],
            [
                "did you mean --to?", "--to needs a value", "--json takes no value",
                "x is not an option; did you mean -f x?", "- is not an option", "see --help",
            ]
        )
    )
    func refuses(words: [String], sentence: String) {
        let error = #expect(throws: UsageError.self) { try Arguments(words, options: known) }
        #expect(error?.description.contains(sentence) == true)
    }

    @Test("a negative number or bracket stands alone, and so does everything behind two dashes")
    func operands() throws {
        let first = try Arguments(["-1 + 2", "--json"], options: known, operandNames: ["SUM"])
        #expect(first.operands == ["-1 + 2"])
        #expect(first.has("--json"))
        let words = ["--json", "--", "-f", "--json"]
        let second = try Arguments(words, options: known, operandNames: ["A", "B"])
        #expect(second.operands == ["-f", "--json"])
    }

    @Test("a required option that is missing is named")
    func required() throws {
        let arguments = try Arguments([], options: known)
        let error = #expect(throws: UsageError.self) { try arguments.required("--to") }
        #expect(error?.description == "--to is missing; see --help")
    }
}
