import Primitives

/// The fields that say which request a response answers, as offsets into it.
package struct ResponseEnvelope: Sendable, BitwiseCopyable {
    /// 100…699.
    package var statusCode: Int
    /// The peer's words; empty if there are none.
    package var reasonPhrase: ByteSlice
    var via: Via
    package var cseq: CSeq
    /// Empty if the response has none.
    package var callID: ByteSlice

    /// Reads the fields of `message`; nil for a request and for what no client transaction can take.
    ///
    /// Only what is read here has to be in order: a peer whose answer has another defect is there all
    /// the same.
    package init?(of message: SIPMessage, in bytes: Span<UInt8>) {
        guard message.kind == .response, message.statusCode > 0 else { return nil }
        var values = message.values(of: .via)
        guard let top = values.next(of: message, in: bytes), let via = try? Via(top, in: bytes),
            // RFC 3261 §8.1.3.3: a response with more than one Via was meant for somebody else.
            values.next(of: message, in: bytes) == nil
        else { return nil }
        guard let field = message.first(.cseq), !message.hasRepeated(.cseq),
            let cseq = CSeq(field.value, in: bytes)
        else { return nil }
        statusCode = message.statusCode
        reasonPhrase = message.reasonPhrase
        self.via = via
        self.cseq = cseq
        callID = message.first(.callID)?.value ?? .empty
    }

    /// Whether the response belongs to the transaction of `request` (RFC 3261 §17.1.3): the branch of
    /// its topmost Via and the method of its CSeq.
    package func answers(_ request: OptionsRequest, in bytes: Span<UInt8>) -> Bool {
        let branch = bytes.bytes(via.branch)
        let cookie = OptionsRequest.branchPrefix
        guard branch.count == cookie.utf8CodeUnitCount + 16,
            branch.extracting(0..<cookie.utf8CodeUnitCount).isEqualIgnoringCase(to: cookie)
        else { return false }
        var word: UInt64 = 0
        for index in cookie.utf8CodeUnitCount..<branch.count {
            guard let nibble = ASCII.hexValue(branch[index]) else { return false }
            word = word << 4 | UInt64(nibble)
        }
        return word == request.token && bytes.bytes(cseq.methodName).isEqual(to: "OPTIONS")
    }
}
