import Primitives

/// The verdict of the carrier on the caller's number, where it checked the signature (RFC 8224).
package struct CallerVerification: Hashable, Sendable {
    /// `verstat` (3GPP TS 24.229 §7.2A.20), in the words that carriers use.
    package enum Status: UInt8, Hashable, Sendable {
        case absent, passed, failed, notVerified
    }

    /// How well the originating carrier knows the caller (RFC 8588 §4).
    package enum Attestation: UInt8, Hashable, Sendable {
        case full = 0x41
        case partial = 0x42
        case gateway = 0x43
    }

    package var status = Status.absent
    package var attestation: Attestation?

    package init(status: Status = .absent, attestation: Attestation? = nil) {
        self.status = status
        self.attestation = attestation
    }

    /// Reads `;verstat=` of the caller's address or of From, X-Twilio-VerStat, P-Attestation-Indicator
    /// and Attestation-Info, the first that says something.
    init(
        of message: SIPMessage,
        caller: (address: NameAddress, uri: SIPURI?),
        from: (address: NameAddress, uri: SIPURI?),
        in bytes: Span<UInt8>
    ) {
        read(verstatOf: caller.address, caller.uri, in: bytes)
        if status == .absent { read(verstatOf: from.address, from.uri, in: bytes) }
        if status == .absent, let field = message.first(.xTwilioVerStat) {
            read(text: bytes.bytes(field.value))
        }
        if attestation == nil {
            let field = message.first(.pAttestationIndicator) ?? message.first(.attestationInfo)
            attestation = field.flatMap { Attestation(word: bytes.bytes($0.value)) }
        }
    }

    /// The parameter stands after the address, or inside the URI of a tel or SIP number.
    private mutating func read(
        verstatOf address: NameAddress,
        _ uri: SIPURI?,
        in bytes: Span<UInt8>
    ) {
        if let parameter = address.parameter("verstat", in: bytes) {
            return read(text: bytes.bytes(parameter.value))
        }
        guard let uri else { return }
        if let parameter = uri.parameter("verstat", in: bytes)
            ?? Parameters.find("verstat", in: uri.userParameters, of: bytes)
        {
            read(text: bytes.bytes(parameter.value))
        }
    }

    /// `TN-Validation-Passed-A`, `TN-Validation-Failed`, `No-TN-Validation` and the like.
    private mutating func read(text: Span<UInt8>) {
        if text.hasPrefixIgnoringCase("TN-Validation-Passed") {
            status = .passed
            readAttestation(behindLastDashOf: text)
        } else if text.hasPrefixIgnoringCase("TN-Validation-Failed") {
            status = .failed
            readAttestation(behindLastDashOf: text)
        } else if text.hasPrefixIgnoringCase("No-TN-Validation") {
            status = .notVerified
        }
    }
}

extension CallerVerification {
    private mutating func readAttestation(behindLastDashOf text: Span<UInt8>) {
        guard let dash = text.lastDash else { return }
        attestation = Attestation(word: text.extracting((dash &+ 1)..<text.count))
    }
}

extension CallerVerification.Attestation {
    /// One letter, and nothing but a parameter after it.
    init?(word: Span<UInt8>) {
        guard word.count > 0, word.count == 1 || !ASCII.isAlphanumeric(word[1]) else { return nil }
        self.init(rawValue: word[0] & ~0x20)
    }
}

extension Span where Element == UInt8 {
    fileprivate func hasPrefixIgnoringCase(_ prefix: StaticString) -> Bool {
        let length = prefix.utf8CodeUnitCount
        return count >= length && extracting(0..<length).isEqualIgnoringCase(to: prefix)
    }

    fileprivate var lastDash: Int? {
        var index = count
        while index > 0 {
            index &-= 1
            if self[index] == 0x2D { return index }
        }
        return nil
    }
}
