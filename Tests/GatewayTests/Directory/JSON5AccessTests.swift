import Gateway
import Primitives
import Testing

@Suite("Checked access to JSON5 files")
struct JSON5AccessTests {
    @Test("all problems of a file come out at once, in its order, each with place and path")
    func collectsProblems() {
        let problems = Problems(file: "t.json5")
        let source = """
            {
              listeners: [
                { protocl: "sip", port: 70000 },
                { protocol: "sop", port: "x", active: 1 },
              ],
            }
            """
        let root = JSON5Document.read(Array(source.utf8), problems: problems)
        root?.object { top in
            for node in top.elements("listeners") {
                node.object { listener in
                    _ = listener.required("protocol", example: "\"sip\"")?
                        .choice(of: ["sip": 1, "http": 2])
                    _ = listener.integer("port", in: 0...65_535)
                    _ = listener.bool("active")
                }
            }
        }
        #expect(
            problems.lines == [
                #"t.json5:3:5: listeners[0]: "protocol" is missing; write protocol: "sip""#,
                #"t.json5:3:7: listeners[0].protocl: unknown key "protocl"; did you mean "protocol"?"#,
                "t.json5:3:29: listeners[0].port: 70000 is out of range; write 0 to 65535",
                #"t.json5:4:17: listeners[1].protocol: "sop" is not known here; did you mean "sip"?"#,
                "t.json5:4:30: listeners[1].port: this is text; write a whole number",
                "t.json5:4:43: listeners[1].active: this is a number; write true or false",
            ]
        )
    }

    @Test("a key that resembles none is answered with those that are known")
    func namesKnownKeys() {
        let problems = Problems(file: "t.json5")
        JSON5Document.read(Array("{ wibble: 1 }".utf8), problems: problems)?.object { top in
            _ = top.string("name")
            _ = top.string("id")
        }
        #expect(problems.list.map(\.message) == [#"unknown key "wibble"; known here: id, name"#])
    }

    @Test("null counts as absent")
    func readsNullAsAbsent() {
        let problems = Problems(file: "t.json5")
        JSON5Document.read(Array("{ name: null }".utf8), problems: problems)?.object { top in
            #expect(top.string("name") == nil)
        }
        #expect(problems.isEmpty)
    }

    @Test(
        "a length of time is a number and a unit",
        arguments: zip(
            ["5us", "500ms", "1s", "2m", "3h", "1d", "0s"],
            [
                5_000, 500_000_000, 1_000_000_000, 120_000_000_000, 10_800_000_000_000,
                86_400_000_000_000, 0,
            ]
        )
    )
    func readsIntervals(text: String, nanoseconds: Int64) {
        let problems = Problems(file: "t.json5")
        let interval = JSON5Document.read(Array("\"\(text)\"".utf8), problems: problems)?
            .interval(in: .zero ... .seconds(86_400))
        #expect(interval == Interval(nanoseconds: nanoseconds))
    }

    @Test(
        "what is no length of time is refused",
        arguments: ["", "s", "5", "5 s", "-5s", "1w", "99999999999999999999s", "9999999999999h"]
    )
    func refusesIntervals(text: String) {
        let problems = Problems(file: "t.json5")
        let interval = JSON5Document.read(Array("\"\(text)\"".utf8), problems: problems)?
            .interval(in: .zero ... .seconds(86_400))
        #expect(interval == nil)
        #expect(problems.list.count == 1)
    }

    @Test("control characters and bidi marks of the file never reach a message")
    func escapesMessages() {
        let problems = Problems(file: "t.json5")
        let source = #"{ "a\u001b[31m\u202e": 1 }"#
        JSON5Document.read(Array(source.utf8), problems: problems)?.object { _ in }
        let line = problems.lines.first ?? ""
        #expect(line.contains(#"\u{1b}[31m\u{202e}"#))
        #expect(line.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x202E })
    }

    @Test("a file that is wrong everywhere yields a bounded list and the count of the rest")
    func boundsTheList() {
        let problems = Problems(file: "t.json5")
        let source = "[" + String(repeating: "1,", count: 500) + "]"
        for node in JSON5Document.read(Array(source.utf8), problems: problems)?.elements() ?? [] {
            _ = node.string()
        }
        #expect(problems.list.count == 200)
        #expect(problems.lines.last == "t.json5: and 300 more problems")
    }
}
