import COpenSSL
import Primitives

/// A cryptographic hash whose running state is a plain value: a copy continues on its own.
///
/// OpenSSL computes it. Every hash here has blocks of 64 octets and a digest of at most 32.
package protocol HashFunction: Sendable {
    static var digestByteCount: Int { get }

    init()

    mutating func update(_ bytes: Span<UInt8>)

    /// Writes the digest over the first `digestByteCount` octets of `digest`; the state is spent.
    mutating func finish(into digest: inout InlineArray<32, UInt8>)
}

/// SHA-1 (FIPS 180-4): what Twilio's HMAC is made of; not for anything that needs collision resistance.
package struct SHA1: HashFunction {
    package static let digestByteCount = 20

    private var context = SHA_CTX()

    package init() {
        unsafe SHA1_Init(&context)
    }

    /// The digest of `bytes`.
    package static func digest(_ bytes: Span<UInt8>) -> InlineArray<20, UInt8> {
        var hash = SHA1()
        hash.update(bytes)
        var room = InlineArray<32, UInt8>(repeating: 0)
        hash.finish(into: &room)
        return InlineArray { room[$0] }
    }

    package mutating func update(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBytes { room in
            _ = unsafe SHA1_Update(&context, room.baseAddress, room.count)
        }
    }

    package mutating func finish(into digest: inout InlineArray<32, UInt8>) {
        var span = digest.mutableSpan
        unsafe span.withUnsafeMutableBufferPointer { room in
            _ = unsafe SHA1_Final(room.baseAddress, &context)
        }
    }
}

/// SHA-256 (FIPS 180-4).
package struct SHA256: HashFunction {
    package static let digestByteCount = 32

    private var context = SHA256_CTX()

    package init() {
        unsafe SHA256_Init(&context)
    }

    /// The digest of `bytes`.
    package static func digest(_ bytes: Span<UInt8>) -> InlineArray<32, UInt8> {
        var hash = SHA256()
        hash.update(bytes)
        var room = InlineArray<32, UInt8>(repeating: 0)
        hash.finish(into: &room)
        return room
    }

    package mutating func update(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBytes { room in
            _ = unsafe SHA256_Update(&context, room.baseAddress, room.count)
        }
    }

    package mutating func finish(into digest: inout InlineArray<32, UInt8>) {
        var span = digest.mutableSpan
        unsafe span.withUnsafeMutableBufferPointer { room in
            _ = unsafe SHA256_Final(room.baseAddress, &context)
        }
    }
}
