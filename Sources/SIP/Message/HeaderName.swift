import Primitives

/// The header fields that this gateway reads, writes or only has to know; all others are `other`.
///
/// RFC 3261 §20 and the extensions that carriers send. The raw value is an index below 64, so that a
/// set of them is one word.
package enum HeaderName: UInt8, Hashable, Sendable, BitwiseCopyable, CaseIterable {
    case via, from, to, callID, cseq, maxForwards, contact, contentLength
    case contentType, contentEncoding, contentDisposition, contentLanguage
    case supported, require, proxyRequire, unsupported, allow, accept, acceptEncoding
    case route, recordRoute, timestamp, subject, date, expires, mimeVersion
    case userAgent, server, retryAfter, reason, warning
    case authorization, proxyAuthorization, wwwAuthenticate, proxyAuthenticate
    case pAssertedIdentity, pPreferredIdentity, remotePartyID, privacy
    case diversion, historyInfo, pCalledPartyID
    case identity, identityInfo, pAttestationIndicator, attestationInfo, xTwilioVerStat
    case allowEvents, event, referTo, referredBy, replaces
    case acceptContact, rejectContact, requestDisposition, sessionExpires, minSE
    case other

    /// The long form as the RFC that defines it prints it; empty for `other`.
    package var text: StaticString {
        switch self {
        case .via: "Via"
        case .from: "From"
        case .to: "To"
        case .callID: "Call-ID"
        case .cseq: "CSeq"
        case .maxForwards: "Max-Forwards"
        case .contact: "Contact"
        case .contentLength: "Content-Length"
        case .contentType: "Content-Type"
        case .contentEncoding: "Content-Encoding"
        case .contentDisposition: "Content-Disposition"
        case .contentLanguage: "Content-Language"
        case .supported: "Supported"
        case .require: "Require"
        case .proxyRequire: "Proxy-Require"
        case .unsupported: "Unsupported"
        case .allow: "Allow"
        case .accept: "Accept"
        case .acceptEncoding: "Accept-Encoding"
        case .route: "Route"
        case .recordRoute: "Record-Route"
        case .timestamp: "Timestamp"
        case .subject: "Subject"
        case .date: "Date"
        case .expires: "Expires"
        case .mimeVersion: "MIME-Version"
        case .userAgent: "User-Agent"
        case .server: "Server"
        case .retryAfter: "Retry-After"
        case .reason: "Reason"
        case .warning: "Warning"
        case .authorization: "Authorization"
        case .proxyAuthorization: "Proxy-Authorization"
        case .wwwAuthenticate: "WWW-Authenticate"
        case .proxyAuthenticate: "Proxy-Authenticate"
        case .pAssertedIdentity: "P-Asserted-Identity"
        case .pPreferredIdentity: "P-Preferred-Identity"
        case .remotePartyID: "Remote-Party-ID"
        case .privacy: "Privacy"
        case .diversion: "Diversion"
        case .historyInfo: "History-Info"
        case .pCalledPartyID: "P-Called-Party-ID"
        case .identity: "Identity"
        case .identityInfo: "Identity-Info"
        case .pAttestationIndicator: "P-Attestation-Indicator"
        case .attestationInfo: "Attestation-Info"
        case .xTwilioVerStat: "X-Twilio-VerStat"
        case .allowEvents: "Allow-Events"
        case .event: "Event"
        case .referTo: "Refer-To"
        case .referredBy: "Referred-By"
        case .replaces: "Replaces"
        case .acceptContact: "Accept-Contact"
        case .rejectContact: "Reject-Contact"
        case .requestDisposition: "Request-Disposition"
        case .sessionExpires: "Session-Expires"
        case .minSE: "Min-SE"
        case .other: ""
        }
    }

    /// The field that one letter stands for: RFC 3261 §7.3.3 and the registry of header fields.
    init(compact letter: UInt8) {
        switch ASCII.lowercased(letter) {
        case 0x61: self = .acceptContact  // a
        case 0x62: self = .referredBy  // b
        case 0x63: self = .contentType  // c
        case 0x64: self = .requestDisposition  // d
        case 0x65: self = .contentEncoding  // e
        case 0x66: self = .from  // f
        case 0x69: self = .callID  // i
        case 0x6A: self = .rejectContact  // j
        case 0x6B: self = .supported  // k
        case 0x6C: self = .contentLength  // l
        case 0x6D: self = .contact  // m
        case 0x6E: self = .identityInfo  // n
        case 0x6F: self = .event  // o
        case 0x72: self = .referTo  // r
        case 0x73: self = .subject  // s
        case 0x74: self = .to  // t
        case 0x75: self = .allowEvents  // u
        case 0x76: self = .via  // v
        case 0x78: self = .sessionExpires  // x
        case 0x79: self = .identity  // y
        default: self = .other
        }
    }
}
