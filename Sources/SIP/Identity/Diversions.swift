import Primitives

/// One forwarding of the call on its way here.
package struct Diversion: Sendable {
    /// Who forwarded it.
    package var address: NameAddress
    /// Why: `unconditional`, `user-busy` or the like; of History-Info the cause, `302` say.
    package var reason: ByteSlice
}

/// Walks over the forwardings of a call, the most recent one first.
///
/// RFC 5806 §4: a new Diversion is put on top. RFC 7044 §5: a new History-Info entry is put last, and
/// only those with a `cause` in their URI (RFC 4458) are forwardings; RFC 7544 §3 maps one to the
/// other. Diversion is used where there is one, because that is what carriers send.
package struct Diversions: Sendable {
    private var values: FieldValues
    private var entries: Int
    private let isHistory: Bool

    package init(of message: SIPMessage, in bytes: Span<UInt8>) {
        isHistory = !message.has(.diversion)
        values = message.values(of: isHistory ? .historyInfo : .diversion)
        entries = 0
        guard isHistory else { return }
        var all = values
        while entries < SIPLimits.historyEntries, all.next(of: message, in: bytes) != nil {
            entries += 1
        }
    }

    /// The next diversion, the latest first; nil after the last.
    package mutating func next(of message: SIPMessage, in bytes: Span<UInt8>) -> Diversion? {
        isHistory ? nextOfHistory(message, bytes) : nextOfDiversion(message, bytes)
    }

    private mutating func nextOfDiversion(
        _ message: SIPMessage,
        _ bytes: Span<UInt8>
    ) -> Diversion? {
        while let value = values.next(of: message, in: bytes) {
            guard let address = NameAddress(value, in: bytes) else { continue }
            let reason = address.parameter("reason", in: bytes)
            return Diversion(address: address, reason: reason?.value ?? .empty)
        }
        return nil
    }

    /// History-Info is read from its end: each step walks from the start again, over at most
    /// `SIPLimits.historyEntries` values.
    private mutating func nextOfHistory(
        _ message: SIPMessage,
        _ bytes: Span<UInt8>
    ) -> Diversion? {
        while entries > 1 {
            entries -= 1
            var walk = values
            var previous = ByteSlice.empty
            var current = ByteSlice.empty
            for _ in 0...entries {
                previous = current
                current = walk.next(of: message, in: bytes) ?? .empty
            }
            // The entry with a cause names the new target; who forwarded is the entry before it.
            guard let target = NameAddress(current, in: bytes),
                let uri = SIPURI(target.uri, in: bytes),
                let cause = uri.parameter("cause", in: bytes),
                let address = NameAddress(previous, in: bytes)
            else { continue }
            return Diversion(address: address, reason: cause.value)
        }
        return nil
    }
}
