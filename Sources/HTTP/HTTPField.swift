import Primitives

/// One field line of a request: what it is, and where its name and value stand in the buffer.
package struct HTTPField: Hashable, Sendable {
    package var id: HTTPFieldName
    /// As received; compare without case.
    package var name: ByteSlice
    /// Without the white space around it (RFC 9112 §5.1).
    package var value: ByteSlice
}

/// The request fields that some part of Trunkline reads; all others are `other`.
package enum HTTPFieldName: UInt8, CaseIterable, Sendable {
    case other
    case te, via, host, date, from
    case accept, cookie, expect, origin, prefer
    case trailer, upgrade, referer
    case forwarded, ifMatch
    case connection, userAgent
    case contentType, xRequestID, ifNoneMatch
    case authorization, contentLength
    case xForwardedFor, xAnyreachOrg, lastEventID
    case acceptEncoding, acceptLanguage, idempotencyKey
    case xForwardedHost
    case contentEncoding
    case transferEncoding, xForwardedProto
    case xTwilioSignature
    case iTwilioIdempotencyToken

    /// The name in lower case; empty for `other`.
    package var text: StaticString {
        switch self {
        case .other: ""
        case .te: "te"
        case .via: "via"
        case .host: "host"
        case .date: "date"
        case .from: "from"
        case .accept: "accept"
        case .cookie: "cookie"
        case .expect: "expect"
        case .origin: "origin"
        case .prefer: "prefer"
        case .trailer: "trailer"
        case .upgrade: "upgrade"
        case .referer: "referer"
        case .forwarded: "forwarded"
        case .ifMatch: "if-match"
        case .connection: "connection"
        case .userAgent: "user-agent"
        case .contentType: "content-type"
        case .xRequestID: "x-request-id"
        case .ifNoneMatch: "if-none-match"
        case .authorization: "authorization"
        case .contentLength: "content-length"
        case .xForwardedFor: "x-forwarded-for"
        case .xAnyreachOrg: "x-anyreach-org"
        case .lastEventID: "last-event-id"
        case .acceptEncoding: "accept-encoding"
        case .acceptLanguage: "accept-language"
        case .idempotencyKey: "idempotency-key"
        case .xForwardedHost: "x-forwarded-host"
        case .contentEncoding: "content-encoding"
        case .transferEncoding: "transfer-encoding"
        case .xForwardedProto: "x-forwarded-proto"
        case .xTwilioSignature: "x-twilio-signature"
        case .iTwilioIdempotencyToken: "i-twilio-idempotency-token"
        }
    }

    /// Field names are case-insensitive (RFC 9110 §5.1).
    ///
    /// Length and first letter pick one candidate, so that each line costs one comparison at most.
    package init(_ name: Span<UInt8>) {
        guard name.count >= 2 else {
            self = .other
            return
        }
        let candidate = Self.candidate(
            length: name.count,
            first: name[0] | 0x20,
            last: name[name.count - 1] | 0x20
        )
        self =
            candidate != .other && name.isEqualIgnoringCase(to: candidate.text)
            ? candidate : .other
    }

    private static func candidate(length: Int, first: UInt8, last: UInt8) -> HTTPFieldName {
        switch (length, first, last) {
        case (2, _, _): .te
        case (3, _, _): .via
        case (4, 0x68, _): .host
        case (4, 0x64, _): .date
        case (4, _, _): .from
        case (6, 0x61, _): .accept
        case (6, 0x63, _): .cookie
        case (6, 0x65, _): .expect
        case (6, 0x6F, _): .origin
        case (6, _, _): .prefer
        case (7, 0x74, _): .trailer
        case (7, 0x75, _): .upgrade
        case (7, _, _): .referer
        case (8, _, _): .ifMatch
        case (9, _, _): .forwarded
        case (10, 0x63, _): .connection
        case (10, _, _): .userAgent
        case (12, 0x63, _): .contentType
        case (12, _, _): .xRequestID
        case (13, 0x69, _): .ifNoneMatch
        case (13, 0x6C, _): .lastEventID
        case (13, _, _): .authorization
        case (14, 0x63, _): .contentLength
        case (14, _, _): .xAnyreachOrg
        case (15, 0x78, _): .xForwardedFor
        case (15, 0x69, _): .idempotencyKey
        case (15, _, 0x67): .acceptEncoding
        case (15, _, _): .acceptLanguage
        case (16, 0x63, _): .contentEncoding
        case (16, _, _): .xForwardedHost
        case (17, 0x74, _): .transferEncoding
        case (17, _, _): .xForwardedProto
        case (18, _, _): .xTwilioSignature
        case (26, _, _): .iTwilioIdempotencyToken
        default: .other
        }
    }
}
