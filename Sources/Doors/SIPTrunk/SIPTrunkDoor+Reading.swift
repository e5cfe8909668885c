import Primitives
import Routing
import SIP

/// The door that carriers' trunks use: an INVITE becomes an `IncomingCall`, a `Decision` an answer.
package enum SIPTrunkDoor {
    /// Reads an INVITE: which number was dialled, and who calls.
    ///
    /// Several trunks may share a source and put the number in different places. The first place that
    /// holds a number of the directory counts; otherwise the first that holds a number at all. Where
    /// none does, the Request-URI is looked at, and then To: a trunk that reads Diversion gets calls that
    /// nobody forwarded, and a Request-URI may name no more than the trunk.
    package static func read(
        _ message: SIPMessage,
        of arrival: SIPArrival,
        in bytes: Span<UInt8>,
        directory: DirectorySnapshot,
        id: UInt64,
        at time: WallTime
    ) -> SIPReading {
        var trunk = arrival.group.readings.first
        var best =
            trunk.map { dialled(in: message, arrival, bytes, at: field(of: $0), as: $0) }
            ?? Dialled(.notANumber, .empty)
        if arrival.group.readings.count > 1 {
            for candidate in arrival.group.readings.dropFirst() {
                if best.rank(in: directory) == Dialled.known { break }
                let place = field(of: candidate)
                let dialled = dialled(in: message, arrival, bytes, at: place, as: candidate)
                if dialled.rank(in: directory) > best.rank(in: directory) {
                    best = dialled
                    trunk = candidate
                }
            }
        }
        if let trunk, best.number == .notANumber {
            for place in [CalledNumberField.requestURI, .to] where best.number == .notANumber {
                let dialled = dialled(in: message, arrival, bytes, at: place, as: trunk)
                if best.text.isEmpty || dialled.number != .notANumber { best = dialled }
            }
        }
        if best.text.isEmpty { best.text = message.requestURI }
        let identity = CallerIdentity(
            of: message,
            envelope: arrival.envelope,
            trustsAssertions: trunk?.trustsIdentity ?? false,
            in: bytes
        )
        var call = IncomingCall(
            door: .sip,
            carrier: .trunks(arrival.group),
            called: best.number,
            caller: caller(identity, trunk, bytes),
            id: id,
            time: time
        )
        // RFC 3323 §4.1.1.3: who writes an anonymous From asks for privacy too, unless Privacy says none.
        call.isCallerHidden =
            identity.privacy.hidesCaller
            || identity.isAnonymous && !identity.privacy.contains(.none)
        var reading = SIPReading(call: call)
        reading.dialled = best.text
        let user = identity.uri?.user ?? .empty
        reading.caller = user.isEmpty ? identity.address.uri : user
        reading.attestation = WorkflowInput.Attestation(identity.verification)
        if message.has(.diversion) || message.has(.historyInfo), let plan = trunk?.numberPlan {
            reading.isLooping = isLooping(best.number, plan, message, bytes)
        }
        return reading
    }

    private struct Dialled {
        var number: DialledNumber
        var text: ByteSlice

        init(_ number: DialledNumber, _ text: ByteSlice) {
            self.number = number
            self.text = text
        }

        static let known = 3

        /// How good a reading is: the number is in the directory, is one, may be one, is none.
        func rank(in directory: DirectorySnapshot) -> Int {
            switch number {
            case .number(let number): directory.entry(number) != nil ? Self.known : 2
            case .incomplete: 1
            case .notANumber: 0
            }
        }
    }

    private static func dialled(
        in message: SIPMessage,
        _ arrival: SIPArrival,
        _ bytes: Span<UInt8>,
        at place: CalledNumberField,
        as trunk: TrunkEntry
    ) -> Dialled {
        let called = CalledNumber(
            from: place,
            of: message,
            envelope: arrival.envelope,
            in: bytes
        )
        guard let called else { return Dialled(.notANumber, .empty) }
        guard let number = called.number else { return Dialled(.notANumber, called.text) }
        return Dialled(read(number, trunk.numberPlan, bytes), called.text)
    }

    private static func read(
        _ text: TelephoneText,
        _ plan: CompiledNumberPlan,
        _ bytes: Span<UInt8>
    ) -> DialledNumber {
        let digits = text.octets.span.extracting(0..<text.count)
        guard !text.context.isEmpty else { return plan.read(digits) }
        return plan.read(digits, phoneContext: bytes.bytes(text.context))
    }

    private static func field(of trunk: TrunkEntry) -> CalledNumberField {
        switch trunk.numberSource {
        case .requestURI: .requestURI
        case .to: .to
        case .calledPartyID: .calledPartyID
        case .diversion: .diversion
        case .header: .field(named: trunk.numberHeader)
        }
    }

    private static func caller(
        _ identity: CallerIdentity,
        _ trunk: TrunkEntry?,
        _ bytes: Span<UInt8>
    ) -> Caller {
        if identity.isAnonymous, identity.source == .from { return .anonymous }
        guard let number = identity.number else {
            return identity.isAnonymous ? .anonymous : .other
        }
        let plan = trunk?.numberPlan ?? .international
        guard number.context.isEmpty else {
            guard case .number(let number) = read(number, plan, bytes) else { return .other }
            return .number(number)
        }
        return plan.readCaller(number.octets.span.extracting(0..<number.count))
    }

    /// Whether Diversion or History-Info names the dialled number too often.
    private static func isLooping(
        _ called: DialledNumber,
        _ plan: CompiledNumberPlan,
        _ message: SIPMessage,
        _ bytes: Span<UInt8>
    ) -> Bool {
        guard case .number = called else { return false }
        var count = 0
        var diversions = Diversions(of: message, in: bytes)
        while count <= forwardingsMax, let diversion = diversions.next(of: message, in: bytes) {
            guard let uri = SIPURI(diversion.address.uri, in: bytes),
                let number = TelephoneText(uri, in: bytes), read(number, plan, bytes) == called
            else { continue }
            // RFC 5806 §4.2: one entry may stand for several forwardings.
            let counter = diversion.address.parameter("counter", in: bytes)
            count += max(1, counter.flatMap { bytes.bytes($0.value).decimal(limit: 99) } ?? 1)
        }
        return count > forwardingsMax
    }

    /// As often as the telephone network forwards a call (ITU-T Q.732.2 §2.5, redirection counter).
    private static let forwardingsMax = 5
}
