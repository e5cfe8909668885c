import Primitives
import Testing

@Suite("Bytes on their way out")
struct ByteBufferTests {
    private func json(_ bytes: [UInt8]) -> String {
        var buffer = ByteBuffer()
        buffer.appendJSONString(bytes.span)
        return buffer.text
    }

    @Test(
        "a JSON string escapes what could forge or hide part of a line",
        arguments: zip(
            [
                "plain", "a\"b", "a\\b", "a\nb\r\tc", "\u{0}\u{1F}\u{7F}", "\u{85}",
                "\u{2028}\u{2029}",
                "\u{202E}gpj", "\u{2066}x\u{2069}", "\u{200E}\u{200F}\u{061C}", "\u{FEFF}", "é😀",
            ],
            [
                "\"plain\"", "\"a\\\"b\"", "\"a\\\\b\"", "\"a\\nb\\r\\tc\"",
                "\"\\u0000\\u001f\\u007f\"", "\"\\u0085\"", "\"\\u2028\\u2029\"", "\"\\u202egpj\"",
                "\"\\u2066x\\u2069\"", "\"\\u200e\\u200f\\u061c\"", "\"\\ufeff\"", "\"é😀\"",
            ]
        )
    )
    func escapes(text: String, expected: String) {
        #expect(json(Array(text.utf8)) == expected)
    }

    @Test(
        "bytes that are not UTF-8 become U+FFFD",
        arguments: [
            [0x80], [0xFF], [0xC0], [0xF5], [0xED, 0xA0, 0x80], [0xC0, 0x80],
            [0xE2, 0x82], [0xF4, 0x90, 0x80, 0x80], [0xF0, 0x80, 0x80, 0x80],
        ] as [[UInt8]]
    )
    func notUTF8(bytes: [UInt8]) {
        let expected = "\"" + String(repeating: "\\ufffd", count: bytes.count) + "\""
        #expect(json(bytes) == expected)
    }

    @Test("a scalar cut off at the end does not swallow what follows")
    func cutScalar() {
        #expect(json([0xE2, 0x82, 0x41]) == "\"\\ufffd\\ufffdA\"")
    }

    @Test("what was written first can be let go of, and the last can be cut off")
    func shortening() {
        var buffer = ByteBuffer()
        for _ in 0..<100 { buffer.append("0123456789") }
        buffer.removeFirst(994)
        #expect(buffer.text == "456789")
        buffer.append("!")
        buffer.truncate(to: 2)
        #expect(buffer.text == "45" && Array("45".utf8) == buffer.bytes)
        buffer.removeFirst(3)
        #expect(buffer.isEmpty)
        buffer.append("x" as String)
        #expect(buffer.text == "x")
    }

    @Test("members and elements are parted by commas, and what is not there by none")
    func members() {
        var buffer = ByteBuffer()
        buffer.append("{")
        buffer.appendJSON("none", nil as String?)
        buffer.appendJSON("text", "{\"")
        buffer.appendJSON("octets", Array("[".utf8).span)
        buffer.appendJSON("word", word: "ok")
        buffer.appendJSON("nothing", nil as Int?)
        buffer.appendJSON("number", -7)
        buffer.appendJSON("flag", true)
        buffer.appendJSON("hexadecimal") { $0.appendHex(0xAB, digits: 2) }
        buffer.appendJSON("texts", ["[", "]"])
        buffer.appendJSON("none", [] as [String])
        buffer.append("}")
        #expect(
            buffer.text == #"{"text":"{\"","octets":"[","word":"ok","number":-7,"flag":true,"#
                + #""hexadecimal":"ab","texts":["[","]"],"none":[]}"#
        )
    }

    @Test(
        "integers are written with their sign, the smallest and the largest too",
        arguments: zip(
            [0, 7, 10, -1, Int.max, Int.min],
            ["0", "7", "10", "-1", "9223372036854775807", "-9223372036854775808"]
        )
    )
    func decimals(value: Int, expected: String) {
        var buffer = ByteBuffer()
        buffer.appendDecimal(value)
        #expect(buffer.text == expected)
    }

    @Test("a fixed count of digits fills with zeros and cuts the high ones")
    func fixedDigits() {
        var buffer = ByteBuffer()
        buffer.appendDecimal(7, digits: 3)
        buffer.append(" ")
        buffer.appendDecimal(12_345, digits: 3)
        buffer.append(" ")
        buffer.appendHex(0xABC, digits: 2)
        buffer.append(" ")
        buffer.appendHex(0x1)
        #expect(buffer.text == "007 345 bc 0000000000000001")
    }

    @Test(
        "a run of digits is read up to its limit and without overflow",
        arguments: zip(
            [
                "0", "007", "9223372036854775807", "9223372036854775808", "9999999999999999999",
                "10000000000000000000", "00000000000000000001", "", "+1", "-1", "1 ", "١",
            ],
            [0, 7, Int.max, nil, nil, nil, nil, nil, nil, nil, nil, nil] as [Int?]
        )
    )
    func readsDecimals(text: String, expected: Int?) {
        let bytes = Array(text.utf8)
        let value = bytes.span.decimal()
        #expect(value == expected)
    }

    @Test("a limit is the largest value that is read")
    func limit() {
        let bytes = Array("65535".utf8)
        let within = bytes.span.decimal(limit: 65_535)
        let beyond = bytes.span.decimal(limit: 65_534)
        #expect(within == 65_535)
        #expect(beyond == nil)
    }

    @Test("a buffer is cut back and emptied, never made longer by it")
    func truncation() {
        var buffer = ByteBuffer()
        buffer.append("Via: SIP/2.0/UDP")
        buffer.truncate(to: 100)
        #expect(buffer.count == 16)
        buffer.truncate(to: 3)
        #expect(buffer.text == "Via")
        buffer.truncate(to: -1)
        #expect(buffer.isEmpty)
    }

    @Test("a stale slice is cut to what there is")
    func staleSlices() {
        let bytes = Array("INVITE".utf8)
        let slices = [
            ByteSlice(start: 2, count: 100), ByteSlice(start: 100, count: 1), ByteSlice.empty,
        ]
        let texts = slices.map { bytes.span.text($0) }
        #expect(texts == ["VITE", "", ""])
    }
}
