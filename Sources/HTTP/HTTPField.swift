import Primitives

/// One field line of a request: what it is, and where its name and value stand in the buffer.
package struct HTTPField: Hashable, Sendable {
    package var id: HTTPFieldName
    /// As received; compare without case.
    package var name: ByteSlice
    /// Without the white space around it (RFC 9112 §5.1).
    package var value: ByteSlice
}

/// The fields that some part of Trunkline reads; all others are `other`.
package enum HTTPFieldName: UInt8, CaseIterable, Sendable {
    case other
    case host
    case expect
    case connection
    case contentType
    case authorization
    case contentLength
    case xForwardedHost
    case transferEncoding
    case xForwardedProto
    case xTwilioSignature
    case xTwilioSignatureSettings

    /// The name in lower case; empty for `other`.
    package var text: StaticString {
        switch self {
        case .other: ""
        case .host: "host"
        case .expect: "expect"
        case .connection: "connection"
        case .contentType: "content-type"
        case .authorization: "authorization"
        case .contentLength: "content-length"
        case .xForwardedHost: "x-forwarded-host"
        case .transferEncoding: "transfer-encoding"
        case .xForwardedProto: "x-forwarded-proto"
        case .xTwilioSignature: "x-twilio-signature"
        case .xTwilioSignatureSettings: "x-twilio-webhooks-signature-settings"
        }
    }

    /// Field names are case-insensitive (RFC 9110 §5.1).
    ///
    /// Length and first letter pick one candidate, so that each line costs one comparison at most.
    package init(_ name: Span<UInt8>) {
        guard name.count > 0 else {
            self = .other
            return
        }
        let candidate = Self.candidate(length: name.count, first: name[0] | 0x20)
        self =
            candidate != .other && name.isEqualIgnoringCase(to: candidate.text)
            ? candidate : .other
    }

    private static func candidate(length: Int, first: UInt8) -> HTTPFieldName {
        switch (length, first) {
        case (4, _): .host
        case (6, _): .expect
        case (10, _): .connection
        case (12, _): .contentType
        case (13, _): .authorization
        case (14, _): .contentLength
        case (16, _): .xForwardedHost
        case (17, 0x74): .transferEncoding
        case (17, _): .xForwardedProto
        case (18, _): .xTwilioSignature
        case (36, _): .xTwilioSignatureSettings
        default: .other
        }
    }
}
