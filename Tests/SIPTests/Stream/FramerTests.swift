import Primitives
import SIP
import Testing

@Suite("messages on a stream")
struct FramerTests {
    static let pieces = [1, 2, 3, 7, 64, 100_000]

    private func options(_ callID: String, body: String = "") -> String {
        """
        OPTIONS sip:gw.example.com SIP/2.0
        Via: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK\(callID)
        From: <sip:a@b>;tag=1
        To: <sip:gw.example.com>
        Call-ID: \(callID)
        CSeq: 1 OPTIONS
        Content-Length: \(wire(body).count)

        \(body)
        """
    }

    private func callIDs(_ run: StreamRun) -> [String] {
        run.treatments.compactMap { $0.value(.callID) }
    }

    @Test("messages, line breaks before them and pings, in pieces of any size", arguments: pieces)
    func pipeline(_ piece: Int) {
        let text =
            "\n" + options("a") + options("b", body: "hello\n\n\nx") + "\n" + options("c") + "\n\n"
            + options("d") + "\n\n\n\n"
        let run = StreamRun(wire(text), piece: piece)
        #expect(callIDs(run) == ["a", "b", "c", "d"])
        #expect(run.treatments.allSatisfy { $0.outcome == .answer(200) })
        #expect(run.pings == 3)
        #expect(!run.isClosed)
    }

    @Test(
        "who does not speak SIP is cut off at the first octet that says so",
        arguments: [
            ("\u{16}\u{03}\u{01}", 1), ("GET / HTTP/1.1\n", 5), ("\u{0}", 1), ("SSH-2.0-x\n", 10),
            ("SIPS/2.0 200 OK\n", 5), ("HELLO\n", 6), ("JUMP /", 6), (" INVITE", 1), ("\tx", 1),
            ("\nX\n", 4), ("INVITE sip:a@b\n", 16), ("INVITE sip:a@b HTTP/1.1\n", 25),
            (String(repeating: "A", count: 70), 65),
        ]
    )
    func notSIP(_ text: String, _ octets: Int) {
        let bytes = wire(text)
        #expect(StreamRun(Array(bytes.prefix(octets)), piece: 1).isNotSIP)
        #expect(!StreamRun(Array(bytes.prefix(octets - 1)), piece: 1).isNotSIP)
        #expect(StreamRun(bytes, piece: bytes.count).isNotSIP)
    }

    @Test("a bare CR or LF in the head ends the connection after its answer", arguments: pieces)
    func bareLineBreaks(_ piece: Int) {
        let bareLF = StreamRun(Array(options("a").utf8) + wire(options("b")), piece: piece)
        #expect(bareLF.treatments.map(\.outcome) == [.answer(400)])
        #expect(bareLF.isClosed)
        let bareCR = wire(options("a").adding("X: a\rContent-Length: 400"))
        let run = StreamRun(bareCR + wire(options("b")), piece: piece)
        #expect(run.treatments.map(\.outcome) == [.answer(400)])
        #expect(run.isClosed)
    }

    @Test(
        "no lie about Content-Length lets a second request through (acceptance C2)",
        arguments: [
            "4294967296", "4294967328", "18446744073709551616", "9223372036854775808", "-1", "+0",
            "+4",
            "0x0", "0 0", "0,0", "0, 400", "00000000000", "0\nContent-Length: 400", "400\nl: 0",
            "0\nl: 400", "0\n 400", "", "０", "0;x", "1e0", "65537", "99999",
        ]
    )
    func smuggling(_ length: String) {
        let hidden = options("hidden")
        let text = options("open").changing("Length: 0", to: "Length: \(length)") + hidden
        for piece in Self.pieces {
            let run = StreamRun(wire(text), piece: piece)
            #expect(callIDs(run) == ["open"])
            #expect(
                run.treatments.allSatisfy {
                    $0.outcome == .answer(400) || $0.outcome == .answer(413)
                }
            )
            #expect(run.isClosed)
        }
    }

    @Test(
        "lengths that are true in any spelling keep the connection",
        arguments: [
            "Content-Length: 0000000003", "l:3", "CONTENT-LENGTH \t: 3", "l: 3\nContent-Length: 03",
            "l:\n 3",
        ]
    )
    func trueLengths(_ line: String) {
        let text = options("a").changing("Content-Length: 0", to: line) + "xyz" + options("b")
        for piece in Self.pieces {
            let run = StreamRun(wire(text), piece: piece)
            #expect(callIDs(run) == ["a", "b"])
            #expect(!run.isClosed)
        }
    }

    @Test(
        "without Content-Length a message has no body, and nothing after it is read",
        arguments: pieces
    )
    func missingLength(_ piece: Int) {
        let text = options("a").changing("Content-Length: 0\n", to: "") + options("hidden")
        let run = StreamRun(wire(text), piece: piece)
        #expect(callIDs(run) == ["a"])
        #expect(run.treatments.map(\.outcome) == [.answer(200)])
        #expect(run.isClosed)
    }

    @Test("memory follows what came, not what was announced")
    func announcedLength() {
        let text = options("a").changing("Length: 0", to: "Length: 60000")
        let run = StreamRun(wire(text), piece: 10)
        #expect(run.treatments.isEmpty)
        #expect(run.mostPending == wire(text).count)
    }

    @Test("whether a message has begun is known, for the time limit of slow peers")
    func insideMessage() {
        var framer = SIPStreamFramer()
        var message = SIPMessage()
        #expect(!framer.isInsideMessage)
        framer.append(wire("\nO").span)
        #expect(framer.next(into: &message) == .needMore)
        #expect(framer.isInsideMessage)
        framer.append(wire("PTIONS sip:a SIP/2.0\nl: 3\n\nx").span)
        #expect(framer.next(into: &message) == .needMore)
        #expect(framer.isInsideMessage)
        #expect(framer.pendingBytes > 0)
    }

    @Test("after the last message nothing is taken in")
    func closed() {
        var framer = SIPStreamFramer()
        var message = SIPMessage()
        framer.append([0x16].span)
        #expect(framer.next(into: &message) == .notSIP)
        framer.append(wire(options("a")).span)
        #expect(framer.next(into: &message) == .needMore)
        #expect(framer.pendingBytes == 0)
    }
}
