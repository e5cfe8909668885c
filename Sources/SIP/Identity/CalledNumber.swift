import Primitives

/// The field of an INVITE in which a trunk puts the number that was dialled.
package enum CalledNumberField: Hashable, Sendable {
    case requestURI
    case to
    case calledPartyID
    /// The most recent Diversion: the number at which the call arrived before it was forwarded here.
    case diversion
    /// Any other field; its value is an address, a URI or a bare number.
    case field(named: [UInt8])
}

/// What was dialled, as it stands in a message: a number, or the user of a URI that is none.
package struct CalledNumber: Sendable {
    /// The user of the URI, the whole URI where it has no user, or the field that holds a bare number.
    package var text: ByteSlice
    package var number: TelephoneText?

    /// Reads the called number from one field; nil if the field is absent or holds neither.
    package init?(
        from field: CalledNumberField,
        of message: SIPMessage,
        envelope: RequestEnvelope,
        in bytes: Span<UInt8>
    ) {
        switch field {
        case .requestURI:
            self.init(uri: message.requestURI, in: bytes)
        case .to:
            self.init(uri: envelope.to.uri, in: bytes)
        case .calledPartyID:
            self.init(firstOf: .pCalledPartyID, of: message, in: bytes)
        case .diversion:
            self.init(firstOf: .diversion, of: message, in: bytes)
        case .field(let name):
            guard let field = message.field(named: name.span, in: bytes) else { return nil }
            self.init(field: field.value, in: bytes)
        }
    }

    private init?(uri slice: ByteSlice, in bytes: Span<UInt8>) {
        guard let uri = SIPURI(slice, in: bytes), uri.scheme != .other else { return nil }
        self.init(
            text: uri.hasUser ? uri.user : uri.whole,
            number: TelephoneText(uri, in: bytes)
        )
    }

    private init?(firstOf id: HeaderName, of message: SIPMessage, in bytes: Span<UInt8>) {
        var values = message.values(of: id)
        guard let value = values.next(of: message, in: bytes) else { return nil }
        self.init(field: value, in: bytes)
    }

    /// A bare number, or an address or URI.
    private init?(field: ByteSlice, in bytes: Span<UInt8>) {
        guard let number = TelephoneText(bytes.bytes(field)) else {
            guard let address = NameAddress(field, in: bytes) else { return nil }
            self.init(uri: address.uri, in: bytes)
            return
        }
        self.init(text: field, number: number)
    }

    private init(text: ByteSlice, number: TelephoneText?) {
        self.text = text
        self.number = number
    }
}
