import Primitives

/// A keyed hash (RFC 2104) whose two key blocks are hashed already.
///
/// It is made once for each key and copied for each message: a value without pointers, so that threads
/// share it and a message costs no allocation. It is as secret as the key: it prints as `‹secret›`.
package struct HMAC<Hash: HashFunction>: Sendable, Redacted {
    private let inner: Hash
    private let outer: Hash

    package init(key: Span<UInt8>) {
        var block = InlineArray<64, UInt8>(repeating: 0)
        if key.count <= block.count {
            for index in key.indices { block[index] = key[index] }
        } else {
            // RFC 2104 §2: a key longer than a block is replaced by its hash.
            var digest = InlineArray<32, UInt8>(repeating: 0)
            var hash = Hash()
            hash.update(key)
            hash.finish(into: &digest)
            for index in 0..<Hash.digestByteCount { block[index] = digest[index] }
        }
        inner = Self.absorbed(block, mask: 0x36)
        outer = Self.absorbed(block, mask: 0x5C)
    }

    /// The state that the parts of a message are fed into.
    package var start: Hash { inner }

    /// The code of the message that `hash` was fed, in the first `Hash.digestByteCount` octets.
    package func finish(_ hash: consuming Hash) -> InlineArray<32, UInt8> {
        var digest = InlineArray<32, UInt8>(repeating: 0)
        hash.finish(into: &digest)
        var last = outer
        last.update(digest.span.extracting(0..<Hash.digestByteCount))
        last.finish(into: &digest)
        return digest
    }

    /// The code of a message in one part.
    package func code(_ message: Span<UInt8>) -> InlineArray<32, UInt8> {
        var hash = start
        hash.update(message)
        return finish(hash)
    }

    private static func absorbed(_ block: InlineArray<64, UInt8>, mask: UInt8) -> Hash {
        var masked = block
        for index in masked.indices { masked[index] ^= mask }
        var hash = Hash()
        hash.update(masked.span)
        return hash
    }
}
