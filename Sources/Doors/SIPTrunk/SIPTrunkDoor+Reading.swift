import Primitives
import Routing
import SIP

/// The door that carriers' trunks use: an INVITE becomes an `IncomingCall`, a `Decision` an answer.
package enum SIPTrunkDoor {
    /// Reads an INVITE: which number was dialled, and who calls.
    ///
    /// Several trunks may share a source and put the number in different places. The first place that
    /// holds a number of the directory counts; otherwise the first that holds a number at all.
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
            trunk.map { dialled(in: message, arrival, bytes, as: $0) }
            ?? Dialled(.notANumber, .empty)
        if arrival.group.readings.count > 1 {
            for candidate in arrival.group.readings.dropFirst() {
                if best.rank(in: directory) == Dialled.known { break }
                let dialled = dialled(in: message, arrival, bytes, as: candidate)
                if dialled.rank(in: directory) > best.rank(in: directory) {
                    best = dialled
                    trunk = candidate
                }
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
            caller: caller(identity, trunk),
            id: id,
            time: time
        )
        call.isCallerHidden = identity.privacy.hidesCaller
        var reading = SIPReading(call: call)
        reading.dialled = best.text
        reading.caller = identity.uri?.user ?? identity.address.uri
        reading.attestation = SIPReading.Attestation(identity.verification)
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
        as trunk: TrunkEntry
    ) -> Dialled {
        let called = CalledNumber(
            from: field(of: trunk),
            of: message,
            envelope: arrival.envelope,
            in: bytes
        )
        guard let called else { return Dialled(.notANumber, .empty) }
        let text = called.uri.map { $0.hasUser ? $0.user : $0.whole } ?? .empty
        guard let number = called.number else { return Dialled(.notANumber, text) }
        return Dialled(read(number, trunk.numberPlan, bytes), text)
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

    private static func caller(_ identity: CallerIdentity, _ trunk: TrunkEntry?) -> Caller {
        if identity.isAnonymous, identity.source == .from { return .anonymous }
        guard let number = identity.number else {
            return identity.isAnonymous ? .anonymous : .other
        }
        let plan = trunk?.numberPlan ?? .international
        return plan.readCaller(number.octets.span.extracting(0..<number.count))
    }
}
