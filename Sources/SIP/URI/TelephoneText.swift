import Primitives

/// A telephone number as it was dialled: digits, with a plus sign in front if it is a global number,
/// and the brackets behind the first digit.
///
/// It says nothing of countries: whether `0044…` or `15551230000` lacks a plus sign is decided with
/// the trunk's default country, in the routing. So is what brackets mean: `+44(0)20…` has a prefix
/// that is not dialled from abroad, `+1(415)…` an area code.
package struct TelephoneText: Sendable {
    /// The first `count` of these are the number: an optional `+`, then digits and brackets.
    package private(set) var octets = InlineArray<40, UInt8>(repeating: 0)
    package private(set) var count = 0
    /// `phone-context` of a local number (RFC 3966 §5.1.5), `+44` or a domain; empty if there is none.
    package private(set) var context = ByteSlice.empty

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
        var digits = 0
        var index = 0
        while index < text.count {
            let (byte, width) = text.unescapedByte(at: index)
            index &+= width
            switch byte {
            case 0x30...0x39:
                guard digits < SIPLimits.telephoneDigits else { return false }
                digits &+= 1
            case 0x2B:
                guard count == 0 else { return false }
            case 0x28, 0x29:
                // RFC 3966 §5.1.1: separators like the others. More of them than any number has, or
                // one in front of it, tell nothing.
                guard digits > 0, count &- digits < Self.bracketsMax else { continue }
            case 0x2D, 0x2E, ASCII.space, 0xA0:
                // RFC 3966 §5.1.1: visual separators. Spaces are none, but peers escape them as such,
                // no-break ones too (U+00A0, in UTF-8 or Latin-1).
                continue
            case 0xC2:
                guard index < text.count, text.unescapedByte(at: index).byte == 0xA0 else {
                    return false
                }
                continue
            default:
                return false
            }
            octets[count] = byte
            count &+= 1
        }
        return digits > 0
    }

    /// The octets that are no digits: a plus sign, and the brackets of two groups.
    private static let bracketsMax = 5
}

extension ByteBuffer {
    /// Appends the number without its brackets.
    package mutating func append(_ number: TelephoneText) {
        for index in 0..<number.count
        where number.octets[index] != 0x28 && number.octets[index] != 0x29 {
            append(number.octets[index])
        }
    }
}
