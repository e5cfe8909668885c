import Primitives

/// What a caller asks to be kept from others (RFC 3323 §4.2, RFC 3325 §9.3).
///
/// It never changes where a call goes; it says what logs, records and other parties may show.
package struct Privacy: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let id = Privacy(rawValue: 1)
    package static let header = Privacy(rawValue: 2)
    package static let user = Privacy(rawValue: 4)
    package static let session = Privacy(rawValue: 8)
    package static let history = Privacy(rawValue: 16)
    package static let critical = Privacy(rawValue: 32)
    /// The caller asks for no privacy, whatever a network would apply by itself.
    package static let none = Privacy(rawValue: 64)

    /// Whether the caller's number must be masked wherever somebody reads it.
    package var hidesCaller: Bool {
        !contains(.none) && !isDisjoint(with: [.id, .header, .user])
    }

    /// The values are separated by semicolons; peers use commas too.
    ///
    /// Unknown ones are ignored.
    package init(of message: SIPMessage, in bytes: Span<UInt8>) {
        self = []
        if message.has(.privacy) {
            for field in message.fields where field.id == .privacy {
                read(field.value, in: bytes)
            }
        }
        guard message.has(.remotePartyID) else { return }
        var values = message.values(of: .remotePartyID)
        while let value = values.next(of: message, in: bytes) {
            guard let address = NameAddress(value, in: bytes), !address.isCalledParty(in: bytes),
                let wish = address.parameter("privacy", in: bytes)
            else { continue }
            readWish(bytes.bytes(wish.value))
        }
    }

    /// Remote-Party-ID carries its own: `;privacy=full`, `;privacy=uri-network`, `;privacy="name;uri"`
    /// (draft-ietf-sip-privacy-01 §5.3).
    private mutating func readWish(_ text: Span<UInt8>) {
        var start = 0
        for index in 0...text.count where index == text.count || !ASCII.isLetter(text[index]) {
            let word = text.extracting(start..<index)
            if word.isEqualIgnoringCase(to: "full") || word.isEqualIgnoringCase(to: "uri")
                || word.isEqualIgnoringCase(to: "name")
            {
                insert(.id)
            }
            start = min(index + 1, text.count)
        }
    }

    private mutating func read(_ slice: ByteSlice, in bytes: Span<UInt8>) {
        var index = slice.lowerBound
        let end = Swift.min(slice.upperBound, bytes.count)
        while index < end {
            let word = bytes.skippingToken(from: index, to: end)
            insert(Privacy(word: bytes.extracting(index..<word)))
            index = Swift.max(word, index &+ 1)
        }
    }

    private init(word: Span<UInt8>) {
        switch word.count {
        case 2 where word.isEqualIgnoringCase(to: "id"): self = .id
        case 6 where word.isEqualIgnoringCase(to: "header"): self = .header
        case 4 where word.isEqualIgnoringCase(to: "user"): self = .user
        case 7 where word.isEqualIgnoringCase(to: "session"): self = .session
        case 7 where word.isEqualIgnoringCase(to: "history"): self = .history
        case 8 where word.isEqualIgnoringCase(to: "critical"): self = .critical
        case 4 where word.isEqualIgnoringCase(to: "none"): self = .none
        default: self = []
        }
    }
}
