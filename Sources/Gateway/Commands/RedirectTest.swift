import Glibc
import Primitives
import SIP
import Transport

/// `trunkline contact`: waits as the target of a redirect, and tells whether the carrier follows it.
///
/// What a carrier does with a 302 stands in few manuals. The one sure answer is a call: if the INVITE
/// comes to the Contact, the carrier follows.
package enum RedirectTest {
    /// An INVITE that came to the target.
    package struct Arrival {
        package var source: IPEndpoint
        /// Its start line and header, fit for a terminal.
        package var invite: String
    }

    /// Waits at `address` (UDP) for at most `seconds`; nil when no INVITE came.
    ///
    /// The INVITE is answered with 486, so that the call ends and costs nothing; `tell` hears first which
    /// target to write.
    package static func run(
        at address: String,
        seconds: Int,
        tell: (String) -> Void
    ) throws -> Arrival? {
        guard let endpoint = IPEndpoint(address) else {
            throw UsageError("\(address) is not an address with a port; write 203.0.113.9:5070")
        }
        guard !endpoint.address.isUnspecified else {
            throw UsageError(
                "\(address) is none that a carrier could reach; write 203.0.113.9:5070"
            )
        }
        if endpoint.port != 0, let obstacle = BoundSocket.obstacle(at: endpoint, kind: .datagram) {
            throw CommandError("\(endpoint) \(obstacle)")
        }
        let socket = try UDPSocket(BoundSocket(binding: endpoint, kind: .datagram))
        let poller = try Poller()
        try poller.add(socket.descriptor, token: 0)
        tell("Waiting \(seconds) s for a call to the target sip:probe@\(socket.local)")
        let deadline = Clock.now() + .seconds(Int64(seconds))
        while Clock.now() < deadline {
            guard try poller.wait(until: deadline, now: Clock.now()) > 0 else { continue }
            if let arrival = serve(socket) {
                tell(arrival.invite)
                tell("The carrier follows: this INVITE came from \(arrival.source) and got a 486.")
                return arrival
            }
        }
        tell(
            "No INVITE came: the carrier does not follow redirects to this address, or cannot "
                + "reach it. Set answer_mode: { reject: 480 } on its trunk where it never does."
        )
        return nil
    }

    /// The same with one object of JSON at the end: `followed`, and `source` and `invite` where one came.
    package static func runTellingJSON(
        at address: String,
        seconds: Int,
        tell: (String) -> Void
    ) throws -> Arrival? {
        let arrival = try run(at: address, seconds: seconds) { _ in }
        var out = ByteBuffer()
        out.append("{")
        out.appendJSON("followed", arrival != nil)
        out.appendJSON("source", arrival.map { "\($0.source)" })
        out.appendJSON("invite", arrival?.invite)
        out.append("}")
        tell(out.text)
        return arrival
    }

    /// Answers what has come; the last INVITE among it.
    private static func serve(_ socket: UDPSocket) -> Arrival? {
        var arrival: Arrival?
        for position in 0..<socket.receive() {
            let source = socket.source(position)
            var answer = ByteBuffer()
            let invite = socket.withDatagram(position) { bytes -> String? in
                reply(to: bytes, from: source, into: &answer)
            }
            guard let invite else { continue }
            arrival = Arrival(source: source, invite: invite)
            let start = socket.outgoing.count
            socket.outgoing.append(answer.span)
            socket.queue(from: start, to: source, speakingFrom: socket.hearingAddress(position))
        }
        _ = socket.flush()
        return arrival
    }

    /// The text of an INVITE, for a terminal, and its answer; nil for everything else.
    private static func reply(
        to bytes: Span<UInt8>,
        from source: IPEndpoint,
        into out: inout ByteBuffer
    ) -> String? {
        var message = SIPMessage()
        message.parse(bytes, framing: .datagram)
        guard message.method == .invite,
            let envelope = RequestEnvelope(of: message, in: bytes), envelope.defect == nil
        else { return nil }
        let key = Randomness.key()
        let tag = ToTag(for: message, envelope: envelope, in: bytes, key: key)
        SIPResponse(.busyHere, tag: tag, to: source)
            .begin(answering: message, envelope: envelope, in: bytes, into: &out)
        out.endResponse()
        let head = bytes.extracting(0..<message.body.lowerBound).text
        return head.split(separator: "\r\n").map { Terminal.printable(String($0)) }
            .joined(separator: "\n") + "\n"
    }
}
