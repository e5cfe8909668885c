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
    var order: [UInt16] = []
    var merged: [UInt16] = []

    /// Fields in one form; more are refused.
    ///
    /// A webhook has about 30, and 1,000 is what common web frameworks allow.
    package static let countMax = 1_000

    package init() {}

    package var count: Int { parameters.count }
    package var isEmpty: Bool { parameters.isEmpty }

    /// The pair at `index` in the order of arrival; `index` must be in `0..<count`.
    package subscript(index: Int) -> FormParameter { parameters[index] }

    /// The value of the first pair with that name, compared octet by octet, or nil.
    package func first(named name: StaticString) -> ByteSlice? {
        let span = bytes.span
        for parameter in parameters where span.bytes(parameter.name).isEqual(to: name) {
            return parameter.value
        }
        return nil
    }

    /// Replaces what is held by the pairs of `raw`.
    package mutating func parse(_ raw: Span<UInt8>) throws(FormError) {
        removeAll()
        unsafe raw.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
        var start = 0
        var equals = -1
        var hasEscape = false
        var index = 0
        while true {
            index = raw.firstFormDelimiter(from: index)
            guard index < raw.count, raw[index] != Self.ampersand else {
                try add(start..<index, equals: equals, hasEscape: hasEscape)
                guard index < raw.count else { return }
                index &+= 1
                start = index
                equals = -1
                hasEscape = false
                continue
            }
            if raw[index] != ASCII.equals {
                hasEscape = true
            } else if equals < 0 {
                equals = index
            }
            index &+= 1
        }
    }

    /// Forgets the pairs and keeps the memory.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        parameters.removeAll(keepingCapacity: true)
    }

    private mutating func add(
        _ pair: Range<Int>,
        equals: Int,
        hasEscape: Bool
    ) throws(FormError) {
        guard !pair.isEmpty else { return }
        guard parameters.count < Self.countMax else {
            removeAll()
            throw .tooManyFields
        }
        let nameEnd = equals < 0 ? pair.upperBound : equals
        var name = ByteSlice(pair.lowerBound..<nameEnd)
        var value = ByteSlice(min(nameEnd &+ 1, pair.upperBound)..<pair.upperBound)
        if hasEscape {
            name = decode(name)
            value = decode(value)
        }
        parameters.append(FormParameter(name: name, value: value))
    }

    /// Decodes in place; the result never outgrows what it replaces.
    private mutating func decode(_ slice: ByteSlice) -> ByteSlice {
        var target = slice.lowerBound
        var index = slice.lowerBound
        while index < slice.upperBound {
            var byte = bytes[index]
            index &+= 1
            if byte == Self.plus {
                byte = ASCII.space
            } else if byte == ASCII.percent, index &+ 1 < slice.upperBound,
                let high = ASCII.hexValue(bytes[index]), let low = ASCII.hexValue(bytes[index &+ 1])
            {
                byte = high << 4 | low
                index &+= 2
            }
            bytes[target] = byte
            target &+= 1
        }
        return ByteSlice(slice.lowerBound..<target)
    }

    private static let ampersand: UInt8 = 0x26
    private static let plus: UInt8 = 0x2B
}

/// One pair of a form, decoded, as slices of `FormParameters.bytes`.
package struct FormParameter: Hashable, Sendable {
    package var name: ByteSlice
    package var value: ByteSlice
}

/// Why a form was refused.
package enum FormError: Error, Sendable {
    /// More than `FormParameters.countMax` pairs: 413.
    case tooManyFields

    package var status: HTTPStatus { .contentTooLarge }
}

extension Span where Element == UInt8 {
    /// The first `& = + %` at or after `start`, or `count`.
    fileprivate func firstFormDelimiter(from start: Int) -> Int {
        var index = start
        while index < count {
            let byte = self[index]
            // The four characters are all below 64: one test of a bit finds any of them.
            if byte < 64, (0x2000_0860_0000_0000 as UInt64 >> UInt64(byte)) & 1 == 1 { break }
            index &+= 1
        }
        return index
    }
}
