import COpenSSL
import Primitives

extension Span where Element == UInt8 {
    /// Whether both hold the same bytes, in a time that depends on their lengths alone.
    ///
    /// For secrets and what is derived from them; the lengths are public.
    package func isEqualInConstantTime(to other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        return unsafe withUnsafeBytes { left in
            unsafe other.withUnsafeBytes { right in
                unsafe CRYPTO_memcmp(left.baseAddress, right.baseAddress, left.count) == 0
            }
        }
    }
}
