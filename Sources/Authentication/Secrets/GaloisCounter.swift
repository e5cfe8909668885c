import COpenSSL
import Primitives

/// One run of OpenSSL's AES-256-GCM over one secret; its context is freed with it.
///
/// Safe to use: the pointer never leaves this type, which alone frees it.
@safe struct GaloisCounter: ~Copyable {
    private let context: OpaquePointer

    init(
        key: SecretKey,
        nonce: Span<UInt8>,
        isSealing: Bool
    ) throws(SecretBoxError) {
        guard let context = unsafe EVP_CIPHER_CTX_new() else { throw .unavailable }
        // 12 octets are the length of a GCM nonce unless another one is set.
        let isReady = key.octets.withBytes { octets in
            unsafe octets.withUnsafeBufferPointer { keyRoom in
                unsafe nonce.withUnsafeBufferPointer { nonceRoom in
                    unsafe EVP_CipherInit_ex(
                        context,
                        EVP_aes_256_gcm(),
                        nil,
                        keyRoom.baseAddress,
                        nonceRoom.baseAddress,
                        isSealing ? 1 : 0
                    ) == 1
                }
            }
        }
        guard isReady else {
            unsafe EVP_CIPHER_CTX_free(context)
            throw .unavailable
        }
        unsafe self.context = context
    }

    deinit {
        unsafe EVP_CIPHER_CTX_free(context)
    }

    /// Binds `text` to the tag without storing it.
    func authenticate(_ text: String) throws(SecretBoxError) {
        let bytes = Array(text.utf8)
        var written: Int32 = 0
        let isDone = unsafe bytes.span.withUnsafeBufferPointer { room in
            unsafe EVP_CipherUpdate(
                context,
                nil,
                &written,
                room.baseAddress,
                Int32(truncatingIfNeeded: room.count)
            )
                == 1
        }
        guard isDone else { throw .unavailable }
    }

    /// Appends `input`, encrypted or decrypted, to `output`; GCM keeps the length.
    func transform(_ input: Span<UInt8>, into output: inout [UInt8]) throws(SecretBoxError) {
        guard input.count > 0 else { return }
        let start = output.count
        output.append(contentsOf: repeatElement(0, count: input.count))
        var written: Int32 = 0
        var span = output.mutableSpan
        let isDone = unsafe span.withUnsafeMutableBufferPointer { room in
            unsafe input.withUnsafeBufferPointer { source in
                unsafe EVP_CipherUpdate(
                    context,
                    room.baseAddress?.advanced(by: start),
                    &written,
                    source.baseAddress,
                    Int32(truncatingIfNeeded: source.count)
                ) == 1
            }
        }
        guard isDone, Int(written) == input.count else { throw .unavailable }
    }

    /// Appends the tag of 16 octets.
    func finishSealing(into output: inout [UInt8]) throws(SecretBoxError) {
        guard finish() else { throw .unavailable }
        var tag = [UInt8](repeating: 0, count: 16)
        let isDone = unsafe tag.withUnsafeMutableBytes { room in
            unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, room.baseAddress) == 1
        }
        guard isDone else { throw .unavailable }
        output.append(contentsOf: tag)
    }

    /// Holds what was decrypted against its tag.
    func finishOpening(tag: Span<UInt8>) throws(SecretBoxError) {
        var copy = tag.array
        let isSet = unsafe copy.withUnsafeMutableBytes { room in
            unsafe EVP_CIPHER_CTX_ctrl(
                context,
                EVP_CTRL_AEAD_SET_TAG,
                Int32(truncatingIfNeeded: room.count),
                room.baseAddress
            ) == 1
        }
        guard isSet else { throw .unavailable }
        guard finish() else { throw .notAuthentic }
    }

    /// GCM has nothing left to write at the end; the call makes or checks the tag.
    private func finish() -> Bool {
        var rest = InlineArray<16, UInt8>(repeating: 0)
        var written: Int32 = 0
        var span = rest.mutableSpan
        return unsafe span.withUnsafeMutableBufferPointer { room in
            unsafe EVP_CipherFinal_ex(context, room.baseAddress, &written) == 1
        }
    }
}
