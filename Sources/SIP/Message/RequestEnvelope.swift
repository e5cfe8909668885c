import Primitives

/// The fields that every request must have and every answer repeats, read once (RFC 3261 §8.1.1).
///
/// There is an envelope for every request that can be answered, thus one with a topmost Via that
/// can be read. What else is wrong stands in `defect`, and what is missing is empty.
package struct RequestEnvelope: Sendable, BitwiseCopyable {
    package var via: Via
    package var from = NameAddress()
    package var to = NameAddress()
    package var callID = ByteSlice.empty
    package var cseq = CSeq()
    /// 70 if the request has none: RFC 2543 clients send none.
    var maxForwards = 70
    /// The first defect of the message or of one of these fields.
    package var defect: SIPDefect?

    /// Reads the fields of `message`; nil for responses, for what is not SIP, and without a usable Via.
    package init?(of message: SIPMessage, in bytes: Span<UInt8>) {
        guard message.kind == .request, message.defect != .notSIP else { return nil }
        guard let field = message.first(.via), field.value.upperBound <= bytes.count else {
            return nil
        }
        let end =
            message.hasViaList ? bytes.endOfListItem(in: field.value.range) : field.value.upperBound
        let first = bytes.trimmed(field.value.lowerBound..<end)
        guard let via = try? Via(ByteSlice(first), in: bytes) else {
            // RFC 3261 §18.2.2 needs no more than a host to answer to, and we answer to the source:
            // a Via with broken parameters is still one that can be echoed.
            guard let via = Via(hostOf: ByteSlice(first), in: bytes) else { return nil }
            self.via = via
            defect = message.defect ?? .badVia
            readFields(of: message, in: bytes)
            return
        }
        self.via = via
        defect = message.defect
        readFields(of: message, in: bytes)
    }

    private mutating func readFields(of message: SIPMessage, in bytes: Span<UInt8>) {
        readFrom(message, bytes)
        readTo(message, bytes)
        readCallID(message, bytes)
        readCSeq(message, bytes)
        readMaxForwards(message, bytes)
    }

    private mutating func readFrom(_ message: SIPMessage, _ bytes: Span<UInt8>) {
        guard let field = message.first(.from) else { return note(.missingFrom) }
        if message.hasRepeated(.from) { note(.repeatedFrom) }
        guard let address = NameAddress(field.value, in: bytes) else { return note(.badFrom) }
        from = address
    }

    private mutating func readTo(_ message: SIPMessage, _ bytes: Span<UInt8>) {
        guard let field = message.first(.to) else { return note(.missingTo) }
        if message.hasRepeated(.to) { note(.repeatedTo) }
        guard let address = NameAddress(field.value, in: bytes) else { return note(.badTo) }
        to = address
    }

    private mutating func readCallID(_ message: SIPMessage, _ bytes: Span<UInt8>) {
        guard let field = message.first(.callID) else { return note(.missingCallID) }
        if message.hasRepeated(.callID) { note(.repeatedCallID) }
        callID = field.value
        var index = callID.lowerBound
        while index < callID.upperBound, bytes[index] > ASCII.space { index &+= 1 }
        if callID.isEmpty || index < callID.upperBound { note(.badCallID) }
    }

    private mutating func readCSeq(_ message: SIPMessage, _ bytes: Span<UInt8>) {
        guard let field = message.first(.cseq) else { return note(.missingCSeq) }
        if message.hasRepeated(.cseq) { note(.repeatedCSeq) }
        guard let value = CSeq(field.value, in: bytes) else { return note(.badCSeq) }
        cseq = value
        // RFC 3261 §8.1.1.5: the method must be that of the request.
        let isSame = bytes.bytes(value.methodName).isEqual(to: bytes.bytes(message.methodName))
        if !isSame { note(.mismatchedCSeq) }
    }

    private mutating func readMaxForwards(_ message: SIPMessage, _ bytes: Span<UInt8>) {
        guard let field = message.first(.maxForwards) else { return }
        if message.hasRepeated(.maxForwards) { note(.repeatedMaxForwards) }
        // RFC 3261 §20.22: 0…255; leading zeros are digits like others.
        let text = bytes.bytes(field.value)
        guard text.count <= SIPLimits.numberDigits, let value = text.decimal(limit: 255) else {
            return note(.badMaxForwards)
        }
        maxForwards = value
    }

    private mutating func note(_ defect: SIPDefect) {
        if self.defect == nil { self.defect = defect }
    }
}

extension SIPMessage {
    /// Whether a Via line may hold more than one value.
    fileprivate var hasViaList: Bool { viaCount > 1 }
}

extension Via {
    /// The transport and host of a Via whose parameters cannot be read.
    fileprivate init?(hostOf slice: ByteSlice, in bytes: Span<UInt8>) {
        let semicolon = bytes.first(ASCII.semicolon, in: slice.range)
        let head = bytes.trimmed(slice.lowerBound..<semicolon)
        guard var via = try? Via(ByteSlice(head), in: bytes) else { return nil }
        via.value = slice
        self = via
    }
}
