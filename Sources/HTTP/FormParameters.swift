import Primitives

/// The name and value pairs of `application/x-www-form-urlencoded`, from a body or a query.
///
/// Follows the parser of the WHATWG URL Standard: pairs are split at `&`, empty ones are skipped, a
/// pair is split at its first `=`, `+` is a space, and a `%` without two hexadecimal digits stays as
/// it is. Order, duplicates and empty values are kept, because a signature covers them. Octets are
/// not checked to be UTF-8: what was signed is what arrived.
///
/// Each piece is decoded where it stands in a copy of the input. The value is used again for every
/// request, so that parsing allocates only until it has seen its largest form.
package struct FormParameters: Sendable {
    /// The decoded octets that the slices point into, with unused octets between them.
    package private(set) var bytes: [UInt8] = []
    private var parameters: [FormParameter] = []

    package init() {}

    package var count: Int { parameters.count }

    /// The pair at `index` in the order of arrival; `index` must be in `0..<count`.
    package subscript(index: Int) -> FormParameter { parameters[index] }

    /// The value of the first pair with that name, compared octet by octet, or nil.
    package func first(named name: StaticString) -> ByteSlice? {
        name.withUTF8Buffer { octets in
            let wanted = unsafe octets.span
            let key = wanted.firstWord
            for parameter in parameters
            where parameter.key == key && bytes.span.bytes(parameter.name).isEqual(to: wanted) {
                return parameter.value
            }
            return nil
        }
    }

    /// Replaces what is held by the pairs of `raw`.
    package mutating func parse(_ raw: Span<UInt8>) throws(FormError) {
        removeAll()
        unsafe raw.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
        var pair = OpenPair(start: 0)
        var base = 0
        while base < raw.count {
            var marks = raw.formDelimiters(at: base)
            while marks != 0 {
                let index = base &+ marks.trailingZeroBitCount >> 3
                marks &= marks &- 1
                let byte = raw[index]
                if byte == Self.ampersand {
                    try close(pair, at: index)
                    pair = OpenPair(start: index &+ 1)
                } else if byte != ASCII.equals {
                    pair.noteEscape(at: index)
                } else if pair.equals < 0 {
                    pair.equals = index
                }
            }
            base &+= 8
        }
        try close(pair, at: raw.count)
    }

    /// Forgets the pairs and keeps the memory.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        parameters.removeAll(keepingCapacity: true)
    }

    /// A pair whose end is not found yet.
    private struct OpenPair {
        var start: Int
        /// The first `=`, or −1.
        var equals = -1
        /// The first `+` or `%` of the name, or −1.
        var nameEscape = -1
        /// The first `+` or `%` of the value, or −1.
        var valueEscape = -1

        init(start: Int) { self.start = start }

        mutating func noteEscape(at index: Int) {
            if equals >= 0 {
                if valueEscape < 0 { valueEscape = index }
            } else if nameEscape < 0 {
                nameEscape = index
            }
        }
    }

    private mutating func close(_ pair: OpenPair, at end: Int) throws(FormError) {
        guard pair.start < end else { return }
        guard parameters.count < HTTPLimits.formFieldsMax else {
            removeAll()
            throw .tooManyFields
        }
        let nameEnd = pair.equals < 0 ? end : pair.equals
        var name = ByteSlice(start: pair.start, count: nameEnd &- pair.start)
        let valueStart = min(nameEnd &+ 1, end)
        var value = ByteSlice(start: valueStart, count: end &- valueStart)
        if pair.nameEscape >= 0 { name = decode(name, from: pair.nameEscape) }
        if pair.valueEscape >= 0 { value = decode(value, from: pair.valueEscape) }
        let key = bytes.span.bytes(name).firstWord
        parameters.append(FormParameter(name: name, value: value, key: key))
    }

    /// Decodes in place from the first escape on; the result never outgrows what it replaces.
    private mutating func decode(_ slice: ByteSlice, from first: Int) -> ByteSlice {
        var room = bytes.mutableSpan
        let end = slice.upperBound
        var target = first
        var index = target
        while index < end {
            var byte = room[index]
            index &+= 1
            if byte == Self.plus {
                byte = ASCII.space
            } else if byte == ASCII.percent, index &+ 1 < end,
                let high = ASCII.hexValue(room[index]), let low = ASCII.hexValue(room[index &+ 1])
            {
                byte = high << 4 | low
                index &+= 2
            }
            room[target] = byte
            target &+= 1
        }
        return ByteSlice(start: slice.lowerBound, count: target &- slice.lowerBound)
    }

    private static let ampersand: UInt8 = 0x26
    private static let plus: UInt8 = 0x2B
}

/// One pair of a form, decoded, as slices of `FormParameters.bytes`.
package struct FormParameter: Hashable, Sendable {
    package var name: ByteSlice
    package var value: ByteSlice
    /// The first eight octets of the name: most names differ in them.
    var key: UInt64
}

/// Why a form was refused.
package enum FormError: Error, Sendable {
    /// More than `HTTPLimits.formFieldsMax` pairs: 413.
    case tooManyFields
}

extension Span where Element == UInt8 {
    /// Marks with its top bit each octet of the eight at `index` that is `&`, `=`, `+` or `%`, the
    /// first one lowest; octets beyond the end are not marked.
    fileprivate func formDelimiters(at index: Int) -> UInt64 {
        guard index &+ 8 <= count else { return lastFormDelimiters(at: index) }
        let text = word(at: index)
        return text.marks(of: 0x26) | text.marks(of: 0x3D) | text.marks(of: 0x2B)
            | text.marks(of: 0x25)
    }

    private func lastFormDelimiters(at index: Int) -> UInt64 {
        var marks: UInt64 = 0
        for position in index..<count {
            switch self[position] {
            case 0x26, 0x3D, 0x2B, 0x25: marks |= 0x80 << UInt64((position &- index) &* 8)
            default: break
            }
        }
        return marks
    }
}

extension UInt64 {
    /// The top bit of each octet that equals `byte`, and no other bit.
    fileprivate func marks(of byte: UInt8) -> UInt64 {
        let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
        let difference = self ^ (0x0101_0101_0101_0101 &* UInt64(byte))
        return ~(((difference & low) &+ low) | difference | low)
    }
}
