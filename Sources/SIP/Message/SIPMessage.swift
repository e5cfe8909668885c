import Primitives

/// One header field: which one, and where its name and value stand in the message.
package struct SIPField: Sendable, BitwiseCopyable {
    package var name: ByteSlice
    /// Without the white space around it; line breaks of a folded field are still inside.
    package var value: ByteSlice
    package var id: HeaderName
    /// Whether the value goes over more than one line (RFC 3261 §7.3.1).
    package var isFolded: Bool
}

/// A SIP message as offsets into the bytes that were parsed; it is used again for the next message.
///
/// It never holds the bytes: who reads a slice passes the same span again. `parse` always leaves
/// all that could be found, so that a request with a defect can still be told what is wrong.
package struct SIPMessage: Sendable {
    package enum Kind: Sendable { case request, response }

    /// How the end of a message is known (RFC 3261 §18.3).
    package enum Framing: Sendable {
        /// Without Content-Length the body goes to the end; what follows the body is ignored.
        case datagram
        /// Content-Length counts; without it there is no body.
        case stream
    }

    package internal(set) var kind = Kind.request
    package internal(set) var method = SIPMethod.unknown
    package internal(set) var methodName = ByteSlice.empty
    package internal(set) var requestURI = ByteSlice.empty
    /// 100…699 for a response, 0 for a request.
    package internal(set) var statusCode = 0
    /// What a response says beside its code; the peer's words.
    var reasonPhrase = ByteSlice.empty
    package internal(set) var fields: [SIPField] = []
    package internal(set) var body = ByteSlice.empty
    /// The value of Content-Length, if there is a good one.
    package internal(set) var contentLength: Int?
    /// The octets of the message: head and body.
    package internal(set) var length = 0
    /// The first thing that is wrong, or nil for a message that can be trusted.
    package internal(set) var defect: SIPDefect?

    /// Bit n is set when the field with raw value n is there once or more, or twice or more.
    var present: UInt64 = 0
    var repeated: UInt64 = 0
    var firstIndex = InlineArray<64, UInt8>(repeating: 0)
    var viaCount = 0

    private let names = HeaderNameTable.shared

    package init() {
        fields.reserveCapacity(64)
    }

    /// Reads a message from the start of `bytes`; the outcome is in the properties, above all `defect`.
    ///
    /// RFC 3261 §7. Time is linear in `bytes.count`, and nothing is allocated once `fields` has grown.
    package mutating func parse(_ bytes: Span<UInt8>, framing: Framing) {
        fields.removeAll(keepingCapacity: true)
        present = 0
        repeated = 0
        viaCount = 0
        contentLength = nil
        defect = nil
        var index = parseStartLine(bytes)
        guard defect != .notSIP else {
            body = .empty
            length = bytes.count
            return
        }
        index = parseFields(bytes, from: index, names: names)
        parseBody(bytes, from: index, framing: framing)
    }

    mutating func note(_ defect: SIPDefect) {
        if self.defect == nil { self.defect = defect }
    }

    /// For a message whose length cannot be believed: what follows its head is not its body.
    mutating func dropBody() {
        length = body.lowerBound
        body = ByteSlice(start: length, count: 0)
    }

    /// For a message that was cut because it is too long: what the cut looks like is not the defect.
    mutating func replace(defect: SIPDefect) {
        if self.defect != .notSIP { self.defect = defect }
    }
}

extension SIPMessage {
    package func has(_ id: HeaderName) -> Bool {
        present & (1 << UInt64(id.rawValue)) != 0
    }

    /// Whether the field stands in the message twice or more.
    package func hasRepeated(_ id: HeaderName) -> Bool {
        repeated & (1 << UInt64(id.rawValue)) != 0
    }

    /// The first field of this name, in one look.
    ///
    /// Not for `other`: use `field(named:in:)`.
    package func first(_ id: HeaderName) -> SIPField? {
        guard has(id) else { return nil }
        let index = Int(firstIndex[Int(id.rawValue)])
        return index < fields.count ? fields[index] : nil
    }

    package func count(of id: HeaderName) -> Int {
        guard hasRepeated(id) else { return has(id) ? 1 : 0 }
        var count = 0
        for field in fields where field.id == id { count += 1 }
        return count
    }

    /// The first field with this name, letters in any case; for names that only a configuration knows.
    package func field(named name: Span<UInt8>, in bytes: Span<UInt8>) -> SIPField? {
        let id = names.name(of: name)
        guard id == .other else { return first(id) }
        for field in fields where field.id == .other {
            if bytes.bytes(field.name).isEqualIgnoringCase(to: name) { return field }
        }
        return nil
    }

    /// All values of a field that is a list: over all its lines, and between the commas of each.
    package func values(of id: HeaderName) -> FieldValues {
        FieldValues(id: id, isAbsent: !has(id))
    }
}
