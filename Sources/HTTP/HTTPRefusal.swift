/// Why the connection refused a request by itself; after any of these it answers once and closes.
///
/// The peer is at fault in all cases. The raw value is a stable label for metrics and logs.
package enum HTTPRefusal: String, Error, CaseIterable, Sendable {
    /// A CR without LF, or a LF without CR (RFC 9112 §2.2).
    case lineEnding = "line_ending"
    /// NUL or another control character in a line (RFC 9110 §5.5).
    case controlCharacter = "control_character"
    /// Not `method SP request-target SP HTTP-version` (RFC 9112 §3).
    case requestLine = "request_line"
    /// A target that fits none of the four forms, or not its method (RFC 9112 §3.2).
    case requestTarget = "request_target"
    /// No name, white space before the colon, no colon, or a folded line (RFC 9112 §5.1, §5.2).
    case fieldLine = "field_line"
    /// Host is missing, repeated or not a host (RFC 9112 §3.2).
    case host = "host"
    /// Content-Length is repeated, a list, signed or otherwise no number (RFC 9112 §6.3).
    case contentLength = "content_length"
    /// Content-Length beside Transfer-Encoding: the mark of smuggling (RFC 9112 §6.3, rule 3).
    case conflictingLengths = "conflicting_lengths"
    /// Transfer-Encoding is repeated, does not end in chunked, names it twice, or came with HTTP/1.0.
    case transferEncoding = "transfer_encoding"
    /// A chunk that breaks RFC 9112 §7.1, or more extension than we read.
    case chunk = "chunk"
    /// The peer closed its side within a request (RFC 9112 §8).
    case truncated = "truncated"
    /// Time ran out before the request was complete.
    case timeout = "timeout"
    case lengthRequired = "length_required"
    case bodyTooLarge = "body_too_large"
    case requestLineTooLong = "request_line_too_long"
    /// An expectation other than 100-continue (RFC 9110 §10.1.1).
    case expectation = "expectation"
    case headTooLarge = "head_too_large"
    case tooManyFields = "too_many_fields"
    /// A coding other than chunked in front of chunked (RFC 9112 §6.1).
    case unknownTransferCoding = "unknown_transfer_coding"
    /// CONNECT: what follows would be a tunnel's bytes, and we are no proxy (RFC 9110 §9.3.6).
    case tunnel = "tunnel"
    /// A well-formed version other than 1.0 and 1.1 (RFC 9110 §15.6.6).
    case version = "version"

    /// The status that the peer is told.
    package var status: HTTPStatus {
        switch self {
        case .lineEnding, .controlCharacter, .requestLine, .requestTarget, .fieldLine, .host,
            .contentLength, .conflictingLengths, .transferEncoding, .chunk, .truncated:
            .badRequest
        case .timeout: .requestTimeout
        case .lengthRequired: .lengthRequired
        case .bodyTooLarge: .contentTooLarge
        case .requestLineTooLong: .uriTooLong
        case .expectation: .expectationFailed
        case .headTooLarge, .tooManyFields: .fieldsTooLarge
        case .unknownTransferCoding, .tunnel: .notImplemented
        case .version: .versionNotSupported
        }
    }
}
