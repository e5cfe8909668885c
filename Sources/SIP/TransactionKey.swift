/// The name of a server transaction: equal for a request, its retransmissions and its ACK.
///
/// 128 bits of two keyed hashes, so that no stranger can aim two transactions at one name. How it is
/// made is in `TransactionKey+Matching.swift` (RFC 3261 §17.2.3).
package struct TransactionKey: Hashable, Sendable, BitwiseCopyable {
    package var first: UInt64
    package var second: UInt64

    package init(first: UInt64, second: UInt64) {
        self.first = first
        self.second = second
    }

    // Both words are hashes already: one of them is all that a table needs.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(first)
    }
}
