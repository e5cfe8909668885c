import Primitives
import Testing

@Suite("Base64 and hexadecimal digits")
struct EncodingTests {
    @Test(
        "the vectors of RFC 4648 §10, there and back",
        arguments: zip(
            ["", "f", "fo", "foo", "foob", "fooba", "foobar"],
            ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"]
        )
    )
    func base64Vectors(plain: String, encoded: String) {
        let bytes = Array(plain.utf8)
        let text = Array(encoded.utf8)
        let written = Base64.encode(bytes.span)
        let read = Base64.decode(text.span)
        #expect(written == text)
        #expect(read == bytes)
    }

    @Test("every octet survives at every place of a group of three")
    func everyOctet() {
        for length in 1...6 {
            for octet in UInt8.min...UInt8.max {
                var bytes = [UInt8](repeating: 0x5A, count: length)
                bytes[length - 1] = octet
                let text = Base64.encode(bytes.span)
                let read = Base64.decode(text.span)
                if read != bytes { Issue.record("\(length) octets, the last \(octet)") }
            }
        }
    }

    @Test(
        "what encode would not have written is not Base64",
        arguments: [
            "Z", "Zg", "Zg=", "Zg===", "=", "====", "Z===", "Zh==", "Zm9=", "Zg==Zg==", "Zm 9",
            "Zm9v\n", "Zm-_", "Zm9vé", "Z=g=", "AA=A",
        ]
    )
    func malformedBase64(text: String) {
        let bytes = Array(text.utf8)
        let read = Base64.decode(bytes.span)
        #expect(read == nil)
    }

    @Test("hexadecimal digits are written in lower case and read in either")
    func hex() {
        let bytes: [UInt8] = [0x00, 0x01, 0x9A, 0xAB, 0xFF]
        let upper = Array("00019AABFF".utf8)
        let mixed = Array("00019aABfF".utf8)
        let written = Hex.encode(bytes.span)
        #expect(written == "00019aabff")
        let fromUpper = Hex.decode(upper.span)
        let fromMixed = Hex.decode(mixed.span)
        #expect(fromUpper == bytes)
        #expect(fromMixed == bytes)
    }

    @Test(
        "an odd count or another character is not hexadecimal",
        arguments: ["0", "0g", "00 0", "é"]
    )
    func malformedHex(text: String) {
        let bytes = Array(text.utf8)
        let read = Hex.decode(bytes.span)
        #expect(read == nil)
    }

    @Test(
        "everything but unreserved characters, and those to be kept, is percent-encoded",
        arguments: [
            ("aZ09-._~", "", "aZ09-._~"), ("a b+/é", "", "a%20b%2B%2F%C3%A9"),
            ("a b+/é%", "+/%", "a%20b+/%C3%A9%"), ("@[`{\u{7F}", "", "%40%5B%60%7B%7F"),
        ] as [(String, StaticString, String)]
    )
    func percentEncoding(text: String, kept: StaticString, expected: String) {
        #expect(text.percentEncoded(keeping: ASCIISet(stringLiteral: kept)) == expected)
        if kept.utf8CodeUnitCount == 0 { #expect(text.percentEncodedCount == expected.utf8.count) }
    }

    @Test(
        "percent-encoded text is decoded once, and a broken escape is told",
        arguments: [
            ("a", "a"), ("%2B1415", "+1415"), ("a+b", "a+b"), ("%252F", "%2F"), ("%C3%A9", "é"),
            ("%", nil), ("%4", nil), ("a%4gb", nil), ("%%41", nil),
        ]
    )
    func percentDecoding(text: String, expected: String?) {
        var buffer = ByteBuffer()
        buffer.append("before ")
        let octets = Array(text.utf8)
        let isDecoded = buffer.appendPercentDecoded(octets.span)
        #expect(isDecoded == (expected != nil))
        #expect(buffer.text == "before " + (expected ?? ""))
    }

    @Test("escapes that are to be kept stay while the others are decoded")
    func keptEscapes() {
        var buffer = ByteBuffer()
        let octets = Array("%2F%41%2f".utf8)
        let isDecoded = buffer.appendPercentDecoded(octets.span, keeping: "/")
        #expect(isDecoded && buffer.text == "%2FA%2f")
    }
}
