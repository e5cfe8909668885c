import Gateway
import Primitives
import Routing
import SIP
import Transport

/// What hostile messages cost: 64 KiB of one octet or of one token, in every field that is read.
///
/// Each is measured at a quarter of the size too. Work that is linear takes four times as long for
/// four times the octets; twice that ratio would be a scan within a scan.
struct WorstInputs: ~Copyable {
    private let state: ServingState
    private var service: SIPService
    private var pipeline: CallPipeline
    private let ring = LineRing(capacity: 8 << 20)
    private var loop: LoopContext
    private var out = ByteBuffer(capacity: 256 << 10)
    private var records = ByteBuffer(capacity: 1 << 20)

    struct Row {
        var name: String
        var quarterNanoseconds: Int64
        var nanoseconds: Int64

        var ratio: Double { Double(nanoseconds) / Double(max(quarterNanoseconds, 1)) }
    }

    init() throws {
        let directory = try SampleDirectory(
            numberCount: 10_000,
            sources: [.requestURI, .to, .calledPartyID, .diversion, .header("X-Dialled")]
        )
        let poller = try Poller()
        let exchange = try LoopExchange.alone()
        let state = try directory.state()
        self.state = state
        service = SIPService(
            configuration: state.configuration,
            transactionKey: SipHash.Key(5, 6),
            ownListeners: [],
            probeCallID: []
        )
        let log = Log(format: .logfmt, threshold: .error, loops: 1)
        let counters = LoopCounters()
        pipeline = CallPipeline(
            recorder: CallRecorder(ring: ring, log: log.loopLog(0)),
            exchange: exchange,
            state: state,
            counters: counters
        )
        loop = LoopContext(
            poller: poller,
            counters: counters,
            now: Clock.now(),
            wall: Clock.wall()
        )
    }

    /// The slowest rows, the slowest first, and how many there were.
    mutating func run(showing count: Int = 12) -> (rows: [Row], total: Int) {
        var rows: [Row] = []
        for (name, unit) in Self.units {
            for (place, start, end) in Self.places {
                rows.append(
                    measure("\(name) in \(place)") {
                        start + Self.repeated(unit, octets: $0 - start.count - end.count) + end
                    }
                )
            }
            rows.append(
                measureStream("\(name) on a stream, one octet at a time") {
                    Self.repeated(unit, octets: $0)
                }
            )
        }
        rows.sort { $0.nanoseconds > $1.nanoseconds }
        return (Array(rows.prefix(count)), rows.count)
    }

    private mutating func measure(_ name: String, _ make: (Int) -> [UInt8]) -> Row {
        let (quarter, whole) = (make(16_000), make(64_000))
        return Row(
            name: name,
            quarterNanoseconds: best { $0.receive(quarter) },
            nanoseconds: best { $0.receive(whole) }
        )
    }

    private mutating func measureStream(_ name: String, _ make: (Int) -> [UInt8]) -> Row {
        let (quarter, whole) = (make(16_000), make(64_000))
        return Row(
            name: name,
            quarterNanoseconds: best { $0.stream(quarter) },
            nanoseconds: best { $0.stream(whole) }
        )
    }

    private mutating func best(_ operation: (inout Self) -> Void) -> Int64 {
        var best = Int64.max
        for _ in 0..<5 {
            let start = Clock.now()
            operation(&self)
            best = min(best, (Clock.now() - start).nanoseconds)
            records.removeAll()
            _ = ring.drain(into: &records) { _ in false }
            out.removeAll()
            // The next one is no retransmission.
            loop.now = loop.now + .seconds(60)
            while service.advance(loop, pipeline: &pipeline, into: &out) != nil {}
            out.removeAll()
        }
        return best
    }

    private mutating func receive(_ bytes: [UInt8]) {
        let source = IPEndpoint(address: .loopbackIPv4, port: 5_080)
        service.message.parse(bytes.span, framing: .datagram)
        let outcome = service.receive(
            bytes.span,
            from: SIPService.Origin(source: source, listener: 0, connection: 0),
            state: state,
            pipeline: &pipeline,
            loop: loop,
            into: &out
        )
        consume(outcome)
    }

    private mutating func stream(_ bytes: [UInt8]) {
        var framer = SIPStreamFramer()
        for index in bytes.indices {
            framer.append(bytes.span.extracting(index..<(index + 1)))
            while true {
                let event = framer.next(into: &service.message)
                if event == .notSIP { return }
                if event == .needMore { break }
            }
        }
    }

    private static func repeated(_ unit: [UInt8], octets: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(octets)
        while bytes.count + unit.count <= octets { bytes += unit }
        return bytes
    }
}

extension WorstInputs {
    /// Every octet, and what parsers look for.
    private static let units: [(String, [UInt8])] =
        (0...255).map { ("octet \($0)", [UInt8($0)]) }
        + [
            "\r\n", "\r\n\r\n", "\r\n ", "a:b\r\n", "a: b\r\n", "Via: SIP/2.0/UDP h\r\n", "v:\r\n",
            ", SIP/2.0/UDP h;branch=z9hG4bK1", ";a", ";a=b", ";a=\"b\"", "\\\"", "\"\"", "\" \"",
            "<>", "<a:b>", "<a:b>,", "\"a\" <sip:b@c>;d=e, ", "%41", "%", "@", "&a=b", "?a=b", "a@",
            "To: <sip:a@b>\r\n", "Diversion: <sip:+14155550100@b>;reason=unknown\r\n",
            "History-Info: <sip:+1@b?Reason=SIP>;index=1.1\r\n", "Require: a\r\n", "a,",
            "P-Asserted-Identity: <sip:+1@b>\r\n", "INVITE sip:a@b SIP/2.0\r\n", "SIP/2.0 ",
            "Content-Length: 0\r\n", "l:0\r\n", "Privacy: id\r\n", "[::1]", "+1", "1-", "1.",
        ].map { ($0.debugDescription, Array($0.utf8)) }

    /// Where it stands: alone, behind the first line, in a field, in the body.
    private static let places: [(String, [UInt8], [UInt8])] = {
        let call = """
            INVITE sip:+14155550007@b SIP/2.0\r
            Via: SIP/2.0/UDP 127.0.0.1:5080;branch=z9hG4bK1\r
            Max-Forwards: 70\r
            From: <sip:+12125550123@a>;tag=1\r
            To: <sip:+14155550007@b>\r
            Call-ID: 1@a\r
            CSeq: 1 INVITE\r

            """
        var places: [(String, [UInt8], [UInt8])] = [
            ("a datagram", [], []),
            ("a Request-URI", Array("INVITE sip:".utf8), Array(" SIP/2.0\r\n\r\n".utf8)),
            ("a head", Array(call.utf8), Array("\r\n\r\n".utf8)),
            ("a body", Array((call + "Content-Type: application/sdp\r\n\r\n").utf8), []),
        ]
        for name in [
            "Via", "From", "To", "Contact", "Require", "Diversion", "History-Info", "Privacy",
            "P-Asserted-Identity", "P-Called-Party-ID", "X-Dialled", "Identity", "Call-ID", "CSeq",
        ] {
            // The one that the message has is replaced.
            let kept = call.split(separator: "\r\n").filter { !$0.hasPrefix(name + ":") }
            let head = kept.joined(separator: "\r\n") + "\r\n\(name): "
            places.append((name, Array(head.utf8), Array("\r\n\r\n".utf8)))
            let folded = head + "<sip:+14155550007@b>;a=b\r\n "
            places.append(("the end of \(name)", Array(folded.utf8), Array("\r\n\r\n".utf8)))
        }
        return places
    }()
}
