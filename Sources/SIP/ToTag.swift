import Primitives

/// The tag that our answers add to To (RFC 3261 §8.2.6.2), written as sixteen hexadecimal digits.
///
/// It is a keyed hash of what all copies of a request have in common: a retransmission, a copy that
/// came through another proxy, and a copy at another node with the same key get the same tag.
package struct ToTag: Hashable, Sendable, BitwiseCopyable {
    package var value: UInt64

    package init(value: UInt64) {
        self.value = value
    }

    /// From tag, Call-ID, sequence number and the user of the Request-URI; never a Via.
    package init(
        for message: SIPMessage,
        envelope: RequestEnvelope,
        in bytes: Span<UInt8>,
        key: SipHash.Key
    ) {
        var hash = SipHash(key: key)
        hash.combine(UInt64(envelope.cseq.number))
        hash.combine(bytes.bytes(envelope.from.tag))
        hash.combine(0 as UInt8)
        hash.combine(bytes.bytes(envelope.callID))
        hash.combine(0 as UInt8)
        // Up to the host: redundant proxies may each have put their own one there.
        let uri = bytes.bytes(message.requestURI)
        let at = uri.first(ASCII.at, in: 0..<uri.count)
        hash.combine(uri.extracting(0..<at))
        value = hash.finalize()
    }
}
