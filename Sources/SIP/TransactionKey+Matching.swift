import Primitives

extension TransactionKey {
    /// The server transaction that a request belongs to (RFC 3261 §17.2.3).
    ///
    /// An ACK gets the key of its INVITE. `key` should be random and of one process; two nodes need not
    /// share it.
    package init(
        of message: SIPMessage,
        envelope: RequestEnvelope,
        in bytes: Span<UInt8>,
        key: SipHash.Key
    ) {
        let method = message.method == .ack ? SIPMethod.invite : message.method
        self.init(of: message, method: method, envelope: envelope, in: bytes, key: key)
    }

    /// The INVITE transaction that a CANCEL wants to end (RFC 3261 §9.2).
    package init(
        cancelledBy message: SIPMessage,
        envelope: RequestEnvelope,
        in bytes: Span<UInt8>,
        key: SipHash.Key
    ) {
        self.init(of: message, method: .invite, envelope: envelope, in: bytes, key: key)
    }

    private init(
        of message: SIPMessage,
        method: SIPMethod,
        envelope: RequestEnvelope,
        in bytes: Span<UInt8>,
        key: SipHash.Key
    ) {
        var hash = SipHash(key: key)
        hash.combine(method.rawValue)
        if method == .unknown { hash.combine(field: bytes.bytes(message.methodName)) }
        if envelope.via.hasMagicCookie(in: bytes) {
            hash.combine(1 as UInt8)
            hash.combine(field: bytes.bytes(envelope.via.branch))
        } else {
            hash.combineRFC2543(message, envelope, bytes)
        }
        hash.combineSentBy(envelope.via, bytes)
        // One pass over the message; the second word comes from the same state, told apart by a byte.
        var second = hash
        second.combine(0xFF as UInt8)
        self.init(first: hash.finalize(), second: second.finalize())
    }
}

extension SipHash {
    /// The bytes and their number, so that no two fields can trade places at their border.
    fileprivate mutating func combine(field: Span<UInt8>) {
        combine(field)
        combine(UInt8(truncatingIfNeeded: field.count))
        combine(UInt8(truncatingIfNeeded: field.count >> 8))
    }

    /// RFC 3261 §17.2.3: sent-by takes part, so that two clients cannot collide by malice; host names
    /// in any case are one, and a port that is left out is the default one.
    fileprivate mutating func combineSentBy(_ via: Via, _ bytes: Span<UInt8>) {
        let host = bytes.bytes(via.host)
        var index = 0
        while index < host.count {
            combine(ASCII.lowercased(host[index]))
            index &+= 1
        }
        combine(UInt8(truncatingIfNeeded: via.effectivePort))
        combine(UInt8(truncatingIfNeeded: via.effectivePort >> 8))
    }

    /// What stands for the branch of a client of RFC 2543: Request-URI, From tag, Call-ID, sequence
    /// number and the topmost Via.
    ///
    /// The To tag takes no part: an INVITE without one and its ACK with ours have to match, and
    /// in-dialog requests never reach a transaction here (they get 481).
    fileprivate mutating func combineRFC2543(
        _ message: SIPMessage,
        _ envelope: RequestEnvelope,
        _ bytes: Span<UInt8>
    ) {
        combine(2 as UInt8)
        combine(field: bytes.bytes(message.requestURI))
        combine(field: bytes.bytes(envelope.from.tag))
        combine(field: bytes.bytes(envelope.callID))
        combine(UInt64(envelope.cseq.number))
        combine(field: bytes.bytes(envelope.via.value))
    }
}
