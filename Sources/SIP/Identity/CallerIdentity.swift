import Primitives

/// Who calls, as far as the message says; whether to believe it depends on the trunk.
package struct CallerIdentity: Sendable {
    package enum Source: UInt8, Hashable, Sendable {
        case assertedIdentity, remotePartyID, from
    }

    /// Which field the address is from.
    package var source: Source
    package var address: NameAddress
    /// nil if the address holds no URI that can be read.
    package var uri: SIPURI?
    /// The number, if the caller has one.
    package var number: TelephoneText?
    package var privacy: Privacy
    package var verification: CallerVerification
    /// Whether From or the address says that there is no caller to name (RFC 3323 §4.1.1.3).
    package var isAnonymous: Bool

    /// Reads the caller of a request.
    ///
    /// Assertions (P-Asserted-Identity, then Remote-Party-ID) count before From, but only of a trunk
    /// that is trusted to make them (RFC 3325 §5). P-Asserted-Identity may hold a SIP and a tel URI
    /// (§9.1); the first one with a number wins.
    package init(
        of message: SIPMessage,
        envelope: RequestEnvelope,
        trustsAssertions: Bool,
        in bytes: Span<UInt8>
    ) {
        source = .from
        address = envelope.from
        let fromURI = SIPURI(envelope.from.uri, in: bytes)
        uri = fromURI
        privacy = Privacy(of: message, in: bytes)
        verification = CallerVerification()
        isAnonymous = Self.isAnonymous(uri, in: bytes)
        if trustsAssertions {
            // RFC 3325 §5: only those of the trust domain are believed.
            if !take(.pAssertedIdentity, as: .assertedIdentity, of: message, in: bytes) {
                _ = take(.remotePartyID, as: .remotePartyID, of: message, in: bytes)
            }
            verification = CallerVerification(
                of: message,
                caller: (address, uri),
                from: (envelope.from, fromURI),
                in: bytes
            )
        }
        if source == .from { number = uri.flatMap { TelephoneText($0, in: bytes) } }
    }

    /// Takes the first address of a field, or the first one with a number; false if there is none.
    private mutating func take(
        _ id: HeaderName,
        as source: Source,
        of message: SIPMessage,
        in bytes: Span<UInt8>
    ) -> Bool {
        var values = message.values(of: id)
        var isFound = false
        while let value = values.next(of: message, in: bytes) {
            guard let candidate = NameAddress(value, in: bytes),
                !candidate.isCalledParty(in: bytes),
                let uri = SIPURI(candidate.uri, in: bytes)
            else { continue }
            let number = TelephoneText(uri, in: bytes)
            guard !isFound || number != nil else { continue }
            isFound = true
            self.source = source
            address = candidate
            self.uri = uri
            self.number = number
            if number != nil { return true }
        }
        return isFound
    }

    /// `anonymous@anonymous.invalid`, `anonymous@…`, `unavailable@…`, `restricted@…`, `unknown@…`.
    private static func isAnonymous(_ uri: SIPURI?, in bytes: Span<UInt8>) -> Bool {
        guard let uri else { return true }
        let user = bytes.bytes(uri.user)
        return user.isEqualIgnoringCase(to: "anonymous")
            || user.isEqualIgnoringCase(to: "unavailable")
            || user.isEqualIgnoringCase(to: "restricted") || user.isEqualIgnoringCase(to: "unknown")
            || bytes.bytes(uri.host).isEqualIgnoringCase(to: "anonymous.invalid")
    }
}

extension NameAddress {
    /// Whether a Remote-Party-ID tells of who is called, not of the caller
    /// (draft-ietf-sip-privacy-01 §5.3).
    func isCalledParty(in bytes: Span<UInt8>) -> Bool {
        guard let party = parameter("party", in: bytes) else { return false }
        return bytes.bytes(party.value).isEqualIgnoringCase(to: "called")
    }
}
