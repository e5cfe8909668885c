import Primitives

/// Up to 32 octets that are put together before they are appended at once: an append to a buffer
/// costs more than the octets of a port, an address or a tag.
struct ShortText {
    private var octets = InlineArray<32, UInt8>(repeating: 0)
    private var count = 0

    /// What does not fit is left out; the callers' texts are at most 25 octets long.
    mutating func append(_ byte: UInt8) {
        guard count < octets.count else { return }
        octets[count] = byte
        count &+= 1
    }

    mutating func append(_ literal: StaticString) {
        literal.withUTF8Buffer { buffer in
            let text = unsafe buffer.span
            var index = 0
            while index < text.count {
                append(text[index])
                index &+= 1
            }
        }
    }

    /// 0…99,999, without zeros in front.
    mutating func appendDecimal(_ value: Int) {
        var divisor = value >= 1_000 ? 10_000 : 100
        while divisor > 1, value < divisor { divisor /= 10 }
        while divisor > 0 {
            append(UInt8(truncatingIfNeeded: value / divisor % 10) &+ 0x30)
            divisor /= 10
        }
    }

    mutating func appendHex(_ value: UInt64) {
        var shift: UInt64 = 64
        while shift > 0 {
            shift &-= 4
            append(Hex.digit(UInt8(truncatingIfNeeded: value >> shift) & 0x0F))
        }
    }

    mutating func appendIPv4(_ address: IPAddress) {
        var shift: UInt64 = 32
        while shift > 0 {
            shift &-= 8
            appendDecimal(Int(address.low >> shift & 0xFF))
            if shift > 0 { append(0x2E) }
        }
    }

    func write(to out: inout ByteBuffer) {
        out.append(octets.span.extracting(0..<count))
    }
}
