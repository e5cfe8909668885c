import Doors
import Foundation
import Primitives
import Testing

@Suite("TwiML documents")
struct TwiMLTests {
    private func document(text: [UInt8]) -> [UInt8] {
        var body = ByteBuffer()
        var document = TwiML(appendingTo: &body)
        document.begin("Say")
        document.attribute("voice", text.span)
        document.attribute("loop", 2)
        document.beginText()
        document.append(text.span)
        document.end("Say")
        document.finish(into: &body)
        return body.bytes
    }

    @Test("the declaration comes first, and an element without content closes itself")
    func shape() {
        var body = ByteBuffer()
        var document = TwiML(appendingTo: &body)
        document.begin("Hangup")
        document.end("Hangup")
        document.finish(into: &body)
        #expect(
            body.text == """
                <?xml version="1.0" encoding="UTF-8"?>
                <Response><Hangup/></Response>
                """
        )
    }

    @Test("an empty answer is a document too")
    func empty() throws {
        var body = ByteBuffer()
        var document = TwiML(appendingTo: &body)
        document.finish(into: &body)
        #expect(try StrictXML.read(body.bytes) == StrictXML.Element(name: "Response"))
    }

    @Test("a document goes behind what its buffer holds, and gives it back")
    func appends() {
        var body = ByteBuffer()
        body.append("before")
        var document = TwiML(appendingTo: &body)
        #expect(body.isEmpty)
        document.finish(into: &body)
        #expect(body.text.hasPrefix("before<?xml"))
    }

    @Test("random texts come back from their document, what XML cannot hold as U+FFFD")
    func wellFormed() throws {
        let octets: [UInt8] = Array(0x00...0x2F) + Array(0x3A...0x40) + Array(0x7F...0xFF)
        let words = ["é", "\u{FFFE}", "😀", "]]>", "<!--", "&amp;", "abc", "\u{202E}"]
        let pieces: [[UInt8]] = octets.map { [$0] } + words.map { Array($0.utf8) }
        var state: UInt64 = 12_100
        let count = ProcessInfo.processInfo.environment["TRUNKLINE_FUZZ_EVENTS"].flatMap { Int($0) }
        for _ in 0..<(count ?? 20_000) {
            var text: [UInt8] = []
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            var word = state >> 8
            for _ in 0..<Int(state >> 61) {
                text += pieces[Int(word % UInt64(pieces.count))]
                word /= UInt64(pieces.count)
            }
            let root = try StrictXML.read(document(text: text))
            let say = try #require(root.first("Say"))
            #expect(say.text == say.attributes["voice"])
            if String(validating: text, as: UTF8.self) != nil,
                text.allSatisfy({ 0x20..<0x7F ~= $0 })
            {
                #expect(say.text == String(decoding: text, as: UTF8.self))
            }
        }
    }

    @Test("line ends and tabs in a value survive attribute normalisation (XML 1.0 §3.3.3)")
    func whitespace() throws {
        let root = try StrictXML.read(document(text: Array("a\tb\nc\rd".utf8)))
        #expect(root.first("Say")?.attributes["voice"] == "a\tb\nc\rd")
    }

    @Test(
        "the checker itself refuses what is not well formed",
        arguments: [
            "<Response/>", "\u{FEFF}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response/>",
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response>",
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response>&</Response>",
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response a=\"<\"/>",
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response a=\"1\" a=\"2\"/>",
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response>\u{1}</Response>",
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response></Other>",
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response/><Response/>",
        ]
    )
    func checker(text: String) {
        #expect(throws: StrictXML.Malformed.self) { try StrictXML.read(Array(text.utf8)) }
    }
}
