import HTTP
import Primitives
import Testing

@Suite("Form parameters (WHATWG URL Standard §5.1)")
struct FormParametersTests {
    /// The pairs as `name=value` with both in brackets.
    private func pairs(_ text: String, in form: inout FormParameters) throws -> [String] {
        let octets = Array(text.utf8)
        try form.parse(octets.span)
        return (0..<form.count).map { describe(form, $0) }
    }

    private func describe(_ form: FormParameters, _ index: Int) -> String {
        let bytes = form.bytes
        return "[\(bytes.span.text(form[index].name))=\(bytes.span.text(form[index].value))]"
    }

    @Test(
        "pairs come out decoded, in order, all of them",
        arguments: [
            ("", ""), ("a=b", "[a=b]"), ("a=b&c=d", "[a=b][c=d]"),
            ("a=1&a=2&a=1", "[a=1][a=2][a=1]"),
            ("a=&b", "[a=][b=]"), ("=", "[=]"), ("=a", "[=a]"), ("&&a=b&", "[a=b]"),
            ("a=b=c", "[a=b=c]"),
            ("a+b=c+d", "[a b=c d]"), ("a%20b=%2B1", "[a b=+1]"), ("a%3Db=c%26d", "[a=b=c&d]"),
            ("To=%2B14155550100&From=%2B12125550123", "[To=+14155550100][From=+12125550123]"),
            ("a=%C3%A9", "[a=é]"), ("%41%5b%5D=1", "[A[]=1]"), ("a=%25%32%42", "[a=%2B]"),
            // A percent sign without two digits stays as it is.
            ("a=%", "[a=%]"), ("a=%4", "[a=%4]"), ("a=%zz", "[a=%zz]"), ("a=%4&b=1", "[a=%4][b=1]"),
            ("a=%%41", "[a=%A]"), ("a%=1", "[a%=1]"), ("a=100%+", "[a=100% ]"), ("%2=3", "[%2=3]"),
        ]
    )
    func parsing(text: String, expected: String) throws {
        var form = FormParameters()
        #expect(try pairs(text, in: &form).joined() == expected)
        // Used again, nothing of the form before is left.
        #expect(try pairs("x=y", in: &form) == ["[x=y]"])
        #expect(try pairs(text, in: &form).joined() == expected)
    }

    @Test("what is encoded comes out as it went in, wherever the delimiters fall")
    func roundTrip() throws {
        var numbers = SeededNumbers(seed: 5)
        var form = FormParameters()
        for _ in 0..<3_000 {
            let texts = (0..<(2 * numbers.next(below: 8))).map { _ in
                (0..<numbers.next(below: 12)).map { _ in
                    UInt8(truncatingIfNeeded: numbers.next(below: 3) == 0 ? 37 : numbers.next())
                }
            }
            var wire: [UInt8] = []
            for index in stride(from: 0, to: texts.count, by: 2) {
                if index > 0 { wire.append(0x26) }
                wire += encode(texts[index], &numbers)
                wire.append(0x3D)
                wire += encode(texts[index + 1], &numbers)
            }
            try form.parse(wire.span)
            let bytes = form.bytes
            let decoded = (0..<form.count).flatMap { index in
                [
                    bytes.span.bytes(form[index].name).array,
                    bytes.span.bytes(form[index].value).array,
                ]
            }
            #expect(decoded == texts)
        }
    }

    /// Encodes all that must be, and some that need not be.
    private func encode(_ text: [UInt8], _ numbers: inout SeededNumbers) -> [UInt8] {
        text.flatMap { byte -> [UInt8] in
            if byte == 0x20, numbers.next(below: 2) == 0 { return [0x2B] }
            let isSpecial = [0x25, 0x26, 0x2B, 0x3D].contains(byte)
            guard isSpecial || numbers.next(below: 2) == 0 else { return [byte] }
            let digits = Array(
                (numbers.next(below: 2) == 0 ? "0123456789abcdef" : "0123456789ABCDEF").utf8
            )
            return [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
    }

    @Test("the first value of a name is found, compared octet by octet")
    func first() throws {
        var form = FormParameters()
        _ = try pairs("to=0&To=1&To=2&Empty=", in: &form)
        let bytes = form.bytes
        #expect(form.first(named: "To").map { bytes.span.text($0) } == "1")
        #expect(form.first(named: "Empty").map { bytes.span.text($0) } == "")
        #expect(form.first(named: "T") == nil)
        #expect(form.first(named: "") == nil)
    }

    @Test(
        "a thousand fields are parsed, one more is refused",
        arguments: zip([999, 1_000, 1_001], [true, true, false])
    )
    func limit(count: Int, isParsed: Bool) {
        var form = FormParameters()
        let octets = Array((0..<count).map { "a\($0)=b" }.joined(separator: "&").utf8)
        let result = Result { try form.parse(octets.span) }
        #expect(((try? result.get()) != nil) == isParsed)
        #expect(form.count == (isParsed ? count : 0))
    }
}
