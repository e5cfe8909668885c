import Gateway
import Primitives
import Testing

@Suite("JSON5 files")
struct JSON5DocumentTests {
    @Test("comments, bare keys, single quotes, hexadecimal and trailing commas are read")
    func readsJSON5() throws {
        let json = try compact(
            """
            // a comment
            { bare: 'it''s' /* here */, }
            """.replacing("it''s", with: "it\\'s")
        )
        #expect(json == #"{"bare":"it's"}"#)
        #expect(
            try compact("[0x1F, +5, -2, .5, 5., 1e3, null, true, false,]")
                == "[31,5,-2,0.5,5.0,1000.0,null,true,false]"
        )
        #expect(try compact("\u{FEFF}{\u{A0}a\u{2003}:\u{2028}1}") == #"{"a":1}"#)
        #expect(try compact("{ größe: 1, $x_2: 2 }") == #"{"größe":1,"$x_2":2}"#)
    }

    @Test(
        "escapes of ECMAScript are read",
        arguments: [
            (#""\n\t\\\/\"\'""#, "\n\t\\/\"'"), (#""\x41\u00e9""#, "Aé"),
            (#""\uD83D\uDCDE""#, "📞"), ("'a\\\nb'", "ab"), ("'a\\\r\nb'", "ab"), (#"'\0'"#, "\0"),
        ]
    )
    func readsEscapes(source: String, text: String) throws {
        let document = try JSON5Document(parsing: Array(source.utf8))
        guard case .string(let read) = document.root.kind else {
            Issue.record("not a text: \(document.root.kind)")
            return
        }
        #expect(read == text)
    }

    @Test("whole numbers stay exact up to 64 bits")
    func keepsWholeNumbers() throws {
        #expect(try compact("9223372036854775807") == "9223372036854775807")
        #expect(try compact("-9223372036854775808") == "-9223372036854775808")
        #expect(try compact("0x7fffffffffffffff") == "9223372036854775807")
    }

    @Test("every key and value knows its line and column")
    func knowsPlaces() throws {
        let document = try JSON5Document(parsing: Array("{\r\n  é: [\n    1, 'ü', 2 ],\n}".utf8))
        guard case .object(let members) = document.root.kind, let member = members.first,
            case .array(let elements) = member.value.kind
        else {
            Issue.record("not the tree that was written")
            return
        }
        #expect(member.keyPosition == SourcePosition(line: 2, column: 3))
        #expect(member.value.position == SourcePosition(line: 2, column: 6))
        #expect(elements.map(\.position.line) == [3, 3, 3])
        #expect(elements.map(\.position.column) == [5, 8, 13])
    }

    @Test("a syntax error says where it is and what to write", arguments: syntaxErrors)
    func explainsSyntaxErrors(source: String, line: UInt32, column: UInt32, word: String) {
        let error = #expect(throws: JSON5SyntaxError.self) {
            _ = try JSON5Document(parsing: Array(source.utf8))
        }
        #expect(error?.position == SourcePosition(line: line, column: column), "\(source)")
        #expect(error?.message.contains(word) == true, "\(error?.message ?? "")")
    }

    static let syntaxErrors: [(String, UInt32, UInt32, String)] = [
        ("", 1, 1, "holds no value"),
        ("// only a comment", 1, 18, "holds no value"),
        ("{ a: 1 b: 2 }", 1, 8, "a comma is missing"),
        ("{\n a: 1,\n b: [1 2]\n}", 3, 8, "a comma is missing"),
        ("{ a 1 }", 1, 5, "write : between"),
        ("{ a = 1 }", 1, 5, "instead of ="),
        ("{ a=1 }", 1, 4, "instead of ="),
        ("{ a: 1", 1, 7, "the { of line 1 is not closed"),
        ("[1, 2", 1, 6, "the [ of line 1 is not closed"),
        ("{ a: [1 }", 1, 9, "does not close the [ of line 1"),
        ("{ a: 1 ]", 1, 8, "does not close the { of line 1"),
        ("{ a: 1 } }", 1, 10, "ended before this"),
        ("{ a: \"x\n }", 1, 6, "before the end of its line"),
        ("{ a: 'x", 1, 6, "not closed"),
        ("{ a: True }", 1, 6, "write true"),
        ("{ a: yes }", 1, 6, "text in quotes"),
        ("{ a: Infinity }", 1, 6, "cannot be used"),
        ("{ a: -Infinity }", 1, 6, "cannot be used"),
        ("{ a: NaN }", 1, 6, "cannot be used"),
        ("{ a: 010 }", 1, 6, "leading zero"),
        ("{ a: 10.0.0.1 }", 1, 6, "is no number"),
        ("{ a: 1e999 }", 1, 6, "is no number"),
        ("{ a: 0xZZ }", 1, 6, "hexadecimal"),
        ("{ a: 0x10000000000000000 }", 1, 6, "hexadecimal"),
        ("{ a: - }", 1, 6, "is no number"),
        ("{ a: 1, a: 2 }", 1, 9, "stands in line 1 already"),
        ("{ a: \"\\q\" }", 1, 7, "no such escape"),
        ("{ a: \"\\u12\" }", 1, 7, "4 hexadecimal digits"),
        ("{ a: \"\\uD800\" }", 1, 7, "surrogate"),
        ("{ # no\n a: 1 }", 1, 3, "begins with //"),
        ("{ /* no", 1, 3, "write */"),
        ("{ a-b: 1 }", 1, 3, "in quotes"),
        ("{ a: , }", 1, 6, "value is missing"),
        ("{ a: `x` }", 1, 6, "not in `"),
        ("{ a: “x” }", 1, 6, "text in quotes"),
        ("[,]", 1, 2, "value is missing"),
        ("{ a:", 1, 5, "a value is missing"),
    ]

    @Test("bytes that are not UTF-8 are refused where they stand")
    func refusesWrongEncoding() {
        let error = #expect(throws: JSON5SyntaxError.self) {
            _ = try JSON5Document(parsing: Array("{ a: '".utf8) + [0xFF] + Array("' }".utf8))
        }
        #expect(error?.position == SourcePosition(line: 1, column: 7))
    }

    @Test("nesting and size have limits, each tried at its bound")
    func keepsLimits() throws {
        let limits = JSON5Document.Limits(bytes: 40, depth: 3)
        _ = try JSON5Document(parsing: Array("[[1]]".utf8), limits: limits)
        #expect(throws: JSON5SyntaxError.self) {
            _ = try JSON5Document(parsing: Array("[[[1]]]".utf8), limits: limits)
        }
        _ = try JSON5Document(parsing: Array(repeating: 0x20, count: 39) + [0x31], limits: limits)
        #expect(throws: JSON5SyntaxError.self) {
            _ = try JSON5Document(
                parsing: Array(repeating: 0x20, count: 40) + [0x31],
                limits: limits
            )
        }
        let deep = Array(repeating: UInt8(0x5B), count: 1_000_000)
        #expect(throws: JSON5SyntaxError.self) { _ = try JSON5Document(parsing: deep) }
    }

    private func compact(_ source: String) throws -> String {
        try JSON5Document(parsing: Array(source.utf8)).root.compactJSON
    }
}
