import Doors
import HTTP
import Primitives
import Routing
import SIP
import Synchronization
import Transport

/// Writes one line of JSON for each decision into the loop's ring, and a line of the log for people.
///
/// The keys are documented in `config/README.md`. Text of peers is escaped; a caller who asked for
/// privacy is not named (RFC 3323).
package struct CallRecorder: ~Copyable {
    private let ring: LineRing
    let log: LoopLog
    private var line = ByteBuffer(capacity: 2_048)
    /// The current second as text, because most calls of a busy second share it.
    private var clockText = ByteBuffer(capacity: 32)
    private var clockSecond = Int64.min

    package init(ring: LineRing, log: LoopLog) {
        self.ring = ring
        self.log = log
    }

    /// A decision about an INVITE, the `visit`th that the call has made here.
    mutating func record(
        _ decision: Decision,
        _ answer: SIPAnswer,
        _ reading: SIPReading,
        bytes: Span<UInt8>,
        arrival: SIPArrival,
        visit: UInt32,
        state: ServingState,
        _ loop: LoopContext
    ) {
        begin(id: reading.call.id, step: Int(visit) - 1, door: .sip, loop.wall)
        append(decision, state.directory)
        append("dialled", bytes.bytes(reading.dialled))
        appendCaller(
            reading.call.caller,
            isHidden: reading.call.isCallerHidden,
            raw: bytes.bytes(reading.caller)
        )
        if reading.attestation != .none {
            line.appendJSON("attestation", reading.attestation.rawValue)
        }
        append("call_id", bytes.bytes(arrival.envelope.callID))
        append(source: arrival.source, arrival.isReliable ? "tcp" : "udp")
        append(leftOut: answer.leftOut)
        append(workflowOf: decision, state, hiding: Self.mask(reading, of: arrival, in: bytes))
        appendOutcome(decision, answer.status, door: .sip, loop)
        finish(id: Self.decisionID(reading, arrival, bytes), loop)
        tell(decision, answer.status, reading.call, source: arrival.source, state, loop)
    }

    /// What another copy of the same INVITE has too, by whatever way it came: a call that visits us again
    /// has the next sequence number, one that was forked upstream dials another number.
    private static func decisionID(
        _ reading: SIPReading,
        _ arrival: SIPArrival,
        _ bytes: Span<UInt8>
    ) -> UInt64 {
        var hash = SipHash(key: SipHash.Key(reading.call.id, 1))
        hash.combine(UInt64(arrival.envelope.cseq.number))
        if case .number(let number) = reading.call.called {
            hash.combine(number.digits)
        } else {
            hash.combine(bytes.bytes(reading.dialled))
        }
        return hash.finalize()
    }

    /// A decision about a webhook.
    mutating func record(
        _ decision: Decision,
        _ webhook: TwilioWebhook,
        call: IncomingCall,
        leftOut: Enclosure.Parts,
        source: IPEndpoint,
        state: ServingState,
        _ loop: LoopContext
    ) {
        let step = decision.step(of: call)
        begin(id: call.id, step: step, door: .twilio, loop.wall)
        append(decision, state.directory)
        append("dialled", webhook.parameters.bytes.span.bytes(webhook.parameter("To")))
        appendCaller(
            call.caller,
            isHidden: false,
            raw: webhook.parameters.bytes.span.bytes(webhook.parameter("From"))
        )
        let attestation = TwilioDoor.attestation(of: webhook)
        if attestation != .none { line.appendJSON("attestation", attestation.rawValue) }
        append("call_id", webhook.parameters.bytes.span.bytes(webhook.parameter("CallSid")))
        append(source: source, "http")
        append(leftOut: leftOut)
        append(workflowOf: decision, state, hiding: nil)
        appendOutcome(decision, 200, door: .twilio, loop)
        // The writer drops what it has written already: each step of a call is something else.
        finish(id: call.id ^ UInt64(truncatingIfNeeded: step) &* 0x9E37_79B9_7F4A_7C15, loop)
        tell(decision, 200, call, source: source, state, loop)
    }

    /// A status callback: what became of a call.
    mutating func note(_ webhook: TwilioWebhook, id: UInt64, _ loop: LoopContext) {
        let text = webhook.parameters.bytes.span
        begin(id: id, loop.wall)
        line.appendJSON("event", word: "status")
        append("call_id", text.bytes(webhook.parameter("CallSid")))
        append("status", text.bytes(webhook.parameter("CallStatus")))
        let seconds = text.bytes(webhook.parameter("CallDuration")).decimal(limit: 1 << 32)
        line.appendJSON("duration", seconds)
        append("sip_response", text.bytes(webhook.parameter("SipResponseCode")))
        // Each step of a call is an event of its own: its name is part of what makes it one.
        var hash = SipHash(key: SipHash.Key(id, 0))
        hash.combine(text.bytes(webhook.parameter("CallStatus")))
        hash.combine(text.bytes(webhook.parameter("SequenceNumber")))
        finish(id: hash.finalize(), loop)
    }

    private mutating func begin(
        id: UInt64,
        step: Int,
        door: IncomingCall.Door,
        _ wall: WallTime
    ) {
        begin(id: id, wall)
        line.appendJSON("door", word: door.name)
        if step > 0 { line.appendJSON("step", step) }
    }

    private mutating func begin(id: UInt64, _ wall: WallTime) {
        line.removeAll()
        line.append("{")
        line.appendJSON("id") { $0.appendHex(id) }
        appendTime(wall)
    }

    private mutating func append(_ decision: Decision, _ directory: DirectorySnapshot) {
        line.appendJSON("organization", directory.organization(decision.organization)?.id)
        if let number = decision.number { line.appendJSON("number") { $0.append(number) } }
        line.appendJSON("trunk", directory.trunk(decision.trunk)?.id)
        line.appendJSON("credential", directory.credential(decision.credential)?.id)
        line.appendJSON("rule", word: decision.rule.name)
        if let agent = directory.agent(decision.agent) {
            line.appendJSON("agent", agent.id)
            line.appendJSON("version", decision.version)
        }
        if case .answer = decision.outcome { appendTargets(decision, directory) }
    }

    private mutating func appendTargets(_ decision: Decision, _ directory: DirectorySnapshot) {
        let targets = directory.targets(of: decision)
        line.appendJSONKey("targets")
        line.append("[")
        var next = decision.targets.next(from: decision.firstTarget)
        while let position = next {
            line.appendJSONComma()
            let uri = targets[decision.targets[position]].uri
            line.appendJSONString(uri.span)
            next = decision.targets.next(from: position + 1)
        }
        line.append("]")
    }

    private mutating func append(
        workflowOf decision: Decision,
        _ state: ServingState,
        hiding mask: @autoclosure () -> CallerMask?
    ) {
        guard let result = decision.workflow else { return }
        line.appendRecord(
            of: result,
            explain: state.configuration.records.explain,
            hiding: mask()
        )
    }

    /// Nil for a caller who may be named.
    private static func mask(
        _ reading: SIPReading,
        of arrival: SIPArrival,
        in bytes: Span<UInt8>
    ) -> CallerMask? {
        guard reading.call.isCallerHidden else { return nil }
        let name = SIPTrunkDoor.callerName(of: arrival, in: bytes)
        guard case .number(let number) = reading.call.caller else {
            return CallerMask(number: nil, texts: [bytes.text(reading.caller), name])
        }
        return CallerMask(number: number, texts: [name])
    }

    private mutating func appendCaller(_ caller: Caller, isHidden: Bool, raw: Span<UInt8>) {
        switch isHidden ? .anonymous : caller {
        case .number(let number): line.appendJSON("from") { $0.append(number) }
        case .anonymous: line.appendJSON("from", word: "anonymous")
        case .other: line.appendJSON("from", raw.extracting(0..<min(raw.count, 256)))
        }
    }

    private mutating func append(source: IPEndpoint, _ transport: StaticString) {
        line.appendJSON("source") { $0.append(source) }
        line.appendJSON("transport", word: transport)
    }

    /// What should have gone along with the call and found no room.
    private mutating func append(leftOut parts: Enclosure.Parts) {
        guard !parts.isEmpty else { return }
        line.appendJSONKey("left_out")
        line.append("[")
        for index in Enclosure.Parts.named.indices {
            let (part, name) = Enclosure.Parts.named[index]
            guard parts.contains(part) else { continue }
            line.appendJSONComma()
            line.appendInQuotes { $0.append(name) }
        }
        line.append("]")
    }

    /// How the call ended and how long it took: in the record, and counted.
    private mutating func appendOutcome(
        _ decision: Decision,
        _ status: Int,
        door: IncomingCall.Door,
        _ loop: LoopContext
    ) {
        line.appendJSON("outcome", word: decision.refusal == nil ? "answered" : "refused")
        line.appendJSON("reason", decision.refusal?.rawValue)
        line.appendJSON("status", status)
        let taken = Int((Clock.now() - loop.now).nanoseconds / 1_000)
        line.appendJSON("micros", taken)
        loop.counters[door].add(refusal: decision.refusal, microseconds: taken)
    }

    /// What a peer wrote, if it wrote anything.
    private mutating func append(_ key: StaticString, _ text: Span<UInt8>) {
        guard text.count > 0 else { return }
        line.appendJSON(key, text.extracting(0..<min(text.count, 512)))
    }

    private mutating func appendTime(_ wall: WallTime) {
        if wall.seconds != clockSecond {
            clockSecond = wall.seconds
            clockText.removeAll()
            clockText.appendTimestamp(wall, fraction: 0)
            clockText.truncate(to: clockText.count - 1)
        }
        let second = clockText
        line.appendJSON("time") { line in
            line.append(second.span)
            line.append(".")
            line.appendDecimal(Int(wall.microseconds - wall.seconds * 1_000_000), digits: 6)
            line.append("Z")
        }
    }

    private mutating func finish(id: UInt64, _ loop: LoopContext) {
        line.append("}\n")
        if !ring.append(id: id, line.span) { loop.counters.add(.recordsLost) }
    }

    /// Refusals are told to people as they happen, answers only if `log.calls` says so.
    private func tell(
        _ decision: Decision,
        _ status: Int,
        _ call: IncomingCall,
        source: IPEndpoint,
        _ state: ServingState,
        _ loop: LoopContext
    ) {
        guard let reason = decision.refusal else {
            guard state.configuration.log.calls else { return }
            return log.write(.info, "call answered") { line in
                Self.add(decision, call, source, state, to: &line)
                line.add("agent", state.directory.agent(decision.agent)?.id ?? "")
            }
        }
        log.write(.info, "call refused") { line in
            Self.add(decision, call, source, state, to: &line)
            line.add("reason", reason.rawValue)
            line.add("status", status)
        }
    }

    private static func add(
        _ decision: Decision,
        _ call: IncomingCall,
        _ source: IPEndpoint,
        _ state: ServingState,
        to line: inout LogLine
    ) {
        line.add("call", hexadecimal: call.id)
        line.add("door", call.door.name)
        line.add("number", masking: decision.number)
        line.add("trunk", state.directory.trunk(decision.trunk)?.id ?? "")
        line.add("source", source)
    }
}
