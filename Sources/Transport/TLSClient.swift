import COpenSSL
import Primitives

/// What TLS connections of a client share: versions, and the authorities that it trusts.
package final class TLSClientContext {
    fileprivate let context: OpaquePointer

    /// TLS 1.2 or later; the peer's certificate is always verified.
    ///
    /// `authorities` is a file of certificates (PEM) to trust instead of the system's.
    package init(authorities: String? = nil) throws(TLSError) {
        guard let context = SSL_CTX_new(TLS_client_method()) else { throw .setup }
        self.context = context
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        // The macros around SSL_CTX_ctrl do not reach Swift.
        SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_2_VERSION), nil)
        let loaded =
            if let authorities {
                SSL_CTX_load_verify_locations(context, authorities, nil)
            } else {
                SSL_CTX_set_default_verify_paths(context)
            }
        guard loaded == 1 else { throw .authorities }
    }

    deinit {
        SSL_CTX_free(context)
    }
}

/// One TLS connection of a client, without its socket: ciphertext in and out, plaintext out and in.
package final class TLSClientSession {
    private let session: OpaquePointer
    private let incoming: OpaquePointer
    private let outgoing: OpaquePointer

    /// The certificate must be for `host` (RFC 9525); a name is also sent in the clear, as SNI.
    package init(_ context: TLSClientContext, host: Host) throws(TLSError) {
        guard let session = SSL_new(context.context) else { throw .setup }
        self.session = session
        guard let incoming = BIO_new(BIO_s_mem()), let outgoing = BIO_new(BIO_s_mem()) else {
            SSL_free(session)
            throw .setup
        }
        self.incoming = incoming
        self.outgoing = outgoing
        // The session owns both from here on, and frees them.
        SSL_set_bio(session, incoming, outgoing)
        SSL_set_connect_state(session)
        guard Self.expect(host, session) else { throw .setup }
    }

    deinit {
        SSL_free(session)
    }

    package enum Host: Sendable {
        case name(String)
        case address(IPAddress)
    }

    package enum Progress: Equatable {
        /// The handshake is done, or so many octets of plaintext were moved.
        case done(Int)
        /// More ciphertext is needed.
        case blocked
        /// The peer said that nothing more comes.
        case ended
        /// The peer broke the protocol or is not who it should be.
        case failed
    }

    private static func expect(_ host: Host, _ session: OpaquePointer) -> Bool {
        switch host {
        case .name(let name):
            return name.withCString { text in
                SSL_ctrl(
                    session,
                    SSL_CTRL_SET_TLSEXT_HOSTNAME,
                    Int(TLSEXT_NAMETYPE_host_name),
                    UnsafeMutableRawPointer(mutating: text)
                ) == 1 && SSL_set1_host(session, text) == 1
            }
        case .address(let address):
            return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), "\(address)") == 1
        }
    }

    /// Goes on with the handshake.
    package func shakeHands() -> Progress {
        ERR_clear_error()
        let result = SSL_do_handshake(session)
        return result == 1 ? .done(0) : progress(after: result)
    }

    /// Takes in what the socket received.
    package func receive(_ ciphertext: Span<UInt8>) {
        ciphertext.withUnsafeBufferPointer { room in
            // A memory BIO takes all or has no memory; the handshake then fails for want of octets.
            _ = BIO_write(incoming, room.baseAddress, Int32(clamping: room.count))
        }
    }

    /// Reads what the peer has said, in plain text.
    package func read(into room: UnsafeMutableRawBufferPointer) -> Progress {
        ERR_clear_error()
        let count = SSL_read(session, room.baseAddress, Int32(clamping: room.count))
        return count > 0 ? .done(Int(count)) : progress(after: count)
    }

    /// Encrypts all of `plaintext`, which is not empty.
    package func write(_ plaintext: Span<UInt8>) -> Progress {
        ERR_clear_error()
        let count = plaintext.withUnsafeBufferPointer { room in
            SSL_write(session, room.baseAddress, Int32(clamping: room.count))
        }
        return count > 0 ? .done(Int(count)) : progress(after: count)
    }

    /// Everything that waits to be sent.
    package func takeOutput() -> [UInt8] {
        let count = BIO_ctrl_pending(outgoing)
        return [UInt8](unsafeUninitializedCapacity: count) { room, initialized in
            initialized = max(0, Int(BIO_read(outgoing, room.baseAddress, Int32(clamping: count))))
        }
    }

    private func progress(after result: Int32) -> Progress {
        switch SSL_get_error(session, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: .blocked
        case SSL_ERROR_ZERO_RETURN: .ended
        default: .failed
        }
    }
}

/// Why TLS is not to be had at all; the operator is at fault, or memory is short.
package enum TLSError: Error, CustomStringConvertible {
    case setup, authorities

    package var description: String {
        switch self {
        case .setup: "OpenSSL has no memory for another connection"
        case .authorities: "the certificates of the authorities to trust cannot be read"
        }
    }
}
