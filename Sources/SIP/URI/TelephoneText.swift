import Primitives

/// A telephone number as it was dialled: digits, with a plus sign in front if it is a global number.
///
/// It says nothing of countries: whether `0044…` or `15551230000` lacks a plus sign is decided with
/// the trunk's default country, in the routing.
package struct TelephoneText: Sendable {
    /// The first `count` of these are the number: an optional `+`, then digits.
    package private(set) var octets = InlineArray<33, UInt8>(repeating: 0)
    package private(set) var count = 0
    /// `phone-context` of a local number (RFC 3966 §5.1.5), `+44` or a domain; empty if there is none.
    package private(set) var context = ByteSlice.empty

    package var isGlobal: Bool { count > 0 && octets[0] == 0x2B }

    /// The number that a URI names; nil if its user is a name, as in `sip:alice@example.com`.
    ///
    /// RFC 3966 §5.1 and RFC 3261 §19.1.6. Escapes are resolved and visual separators left out;
    /// parameters (`;ext`, `;isub`, `;rn`, `;npdi`, `;cic`, `;tgrp`) never become digits.
    package init?(_ uri: SIPURI, in bytes: Span<UInt8>) {
        guard uri.scheme != .other, read(bytes.bytes(uri.user)) else { return nil }
        // RFC 3261 §19.1.6: in a SIP URI the parameters of the number stand in the user part.
        let parameters = uri.scheme == .tel ? uri.parameters : uri.userParameters
        if let found = Parameters.find("phone-context", in: parameters, of: bytes) {
            context = found.value
        } else if let found = uri.parameter("phone-context", in: bytes) {
            // Peers put it behind the host too.
            context = found.value
        }
    }

    /// The number that plain text spells, as header fields of some carriers hold it.
    package init?(_ text: Span<UInt8>) {
        guard read(text) else { return nil }
    }

    /// A copy, for logs and tests.
    package var text: String {
        var buffer = ByteBuffer(capacity: count)
        buffer.append(self)
        return buffer.text
    }

    private mutating func read(_ text: Span<UInt8>) -> Bool {
        var index = 0
        while index < text.count {
            let (byte, width) = text.unescapedByte(at: index)
            index &+= width
            switch byte {
            case 0x30...0x39:
                guard count < octets.count else { return false }
            case 0x2B:
                guard count == 0 else { return false }
            case 0x2D, 0x2E, 0x28, 0x29, ASCII.space:
                // RFC 3966 §5.1.1: visual separators. A space is none, but peers escape it as one.
                continue
            default:
                return false
            }
            octets[count] = byte
            count &+= 1
        }
        let digits = isGlobal ? count &- 1 : count
        return digits > 0 && digits <= SIPLimits.telephoneDigits
    }
}

extension ByteBuffer {
    package mutating func append(_ number: TelephoneText) {
        append(number.octets.span.extracting(0..<number.count))
    }
}
