import Doors
import Primitives
import Routing
import SIP
import Testing

/// One INVITE at the door: its text, where it came from, and what the door makes of it.
struct SIPCall {
    var directory: SampleDirectory
    var requestURI = "sip:+14155550100@gw.example.com"
    var to = "<sip:+14155550100@gw.example.com>"
    var from = "<sip:+12125550123@carrier.example.com>;tag=1"
    /// Further header lines, each with its line end.
    var fields = ""
    var source = "203.0.113.9:5060"
    var isReliable = false

    init(targets: [String] = ["sip:a@example.com", "sip:b@example.com"]) throws {
        directory = try SampleDirectory(targets: targets)
    }

    var text: String {
        """
        INVITE \(requestURI) SIP/2.0\r
        Via: SIP/2.0/UDP 203.0.113.9:5060;branch=z9hG4bK-1;rport\r
        Max-Forwards: 70\r
        From: \(from)\r
        To: \(to)\r
        Call-ID: 4711@203.0.113.9\r
        CSeq: 1 INVITE\r
        \(fields)Content-Length: 0\r
        \r

        """
    }

    struct Reading {
        var call: IncomingCall
        var dialled: String
        var caller: String
        var attestation: String
        var isLooping: Bool
    }

    func read() throws -> Reading {
        let bytes = Array(text.utf8)
        return try arrive(bytes) { message, arrival, directory in
            let reading = SIPTrunkDoor.read(
                message,
                of: arrival,
                in: bytes.span,
                directory: directory,
                id: 7,
                at: WallTime(seconds: 1_795_244_709)
            )
            return Reading(
                call: reading.call,
                dialled: bytes.span.text(reading.dialled),
                caller: bytes.span.text(reading.caller),
                attestation: reading.attestation.rawValue,
                isLooping: reading.isLooping
            )
        }
    }

    struct Answer {
        var status: Int
        var text: String
        var leftOut: Enclosure.Parts
    }

    /// The answer to the INVITE; with `output`, of a workflow that said so; with `refusal`, of a decision
    /// that is one.
    func answer(
        refusal: RefusalReason? = nil,
        output: WorkflowOutput? = nil
    ) throws -> Answer {
        let call = try read().call
        let bytes = Array(text.utf8)
        return try arrive(bytes) { message, arrival, directory in
            var trace = NoTrace()
            var decision = directory.decide(call, trace: &trace)
            if let output { decision = directory.conclude(decision, with: output, of: call) }
            if let refusal { decision.outcome = .refuse(refusal) }
            var out = ByteBuffer()
            let answer = SIPTrunkDoor.write(
                &decision,
                to: message,
                of: arrival,
                in: bytes.span,
                id: 0xABCD,
                directory: directory,
                retryAfterSeconds: 5,
                into: &out
            )
            return Answer(status: answer.status, text: out.text, leftOut: answer.leftOut)
        }
    }

    private func arrive<Result>(
        _ bytes: [UInt8],
        _ body: (SIPMessage, SIPArrival, DirectorySnapshot) throws -> Result
    ) throws -> Result {
        let snapshot = try directory.snapshot()
        var message = SIPMessage()
        message.parse(bytes.span, framing: isReliable ? .stream : .datagram)
        let read = RequestEnvelope(of: message, in: bytes.span)
        let envelope = try #require(read)
        let arrival = SIPArrival(
            envelope: envelope,
            source: try #require(IPEndpoint(source)),
            isReliable: isReliable,
            group: try #require(TrunkGroup(snapshot.allTrunks)),
            tag: ToTag(value: 0x1234)
        )
        return try body(message, arrival, snapshot)
    }
}

extension String {
    /// The lines of a message that start with `name:`, without it.
    func fields(_ name: String) -> [String] {
        split(separator: "\r\n").filter { $0.hasPrefix(name + ": ") }
            .map { String($0.dropFirst(name.count + 2)) }
    }
}
