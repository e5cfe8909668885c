/// A status code and the reason phrase that we send with it (RFC 3261 §21).
package struct SIPStatus: Sendable {
    /// 100…699.
    package var code: Int
    /// Our own words, so that no byte of a peer can stand in a status line.
    package var reason: StaticString

    package init(_ code: Int, _ reason: StaticString) {
        self.code = code
        self.reason = reason
    }

    package static let trying = SIPStatus(100, "Trying")
    package static let ok = SIPStatus(200, "OK")
    package static let multipleChoices = SIPStatus(300, "Multiple Choices")
    package static let movedTemporarily = SIPStatus(302, "Moved Temporarily")
    package static let forbidden = SIPStatus(403, "Forbidden")
    package static let notFound = SIPStatus(404, "Not Found")
    package static let methodNotAllowed = SIPStatus(405, "Method Not Allowed")
    package static let requestTimeout = SIPStatus(408, "Request Timeout")
    package static let requestEntityTooLarge = SIPStatus(413, "Request Entity Too Large")
    package static let requestURITooLong = SIPStatus(414, "Request-URI Too Long")
    package static let unsupportedMediaType = SIPStatus(415, "Unsupported Media Type")
    package static let unsupportedURIScheme = SIPStatus(416, "Unsupported URI Scheme")
    package static let badExtension = SIPStatus(420, "Bad Extension")
    package static let temporarilyUnavailable = SIPStatus(480, "Temporarily Unavailable")
    package static let callDoesNotExist = SIPStatus(481, "Call/Transaction Does Not Exist")
    package static let loopDetected = SIPStatus(482, "Loop Detected")
    package static let tooManyHops = SIPStatus(483, "Too Many Hops")
    package static let addressIncomplete = SIPStatus(484, "Address Incomplete")
    package static let busyHere = SIPStatus(486, "Busy Here")
    package static let requestTerminated = SIPStatus(487, "Request Terminated")
    package static let serverInternalError = SIPStatus(500, "Server Internal Error")
    package static let notImplemented = SIPStatus(501, "Not Implemented")
    package static let serviceUnavailable = SIPStatus(503, "Service Unavailable")
    package static let versionNotSupported = SIPStatus(505, "Version Not Supported")
    package static let messageTooLarge = SIPStatus(513, "Message Too Large")
    package static let decline = SIPStatus(603, "Decline")

    /// The usual phrase for a code that a trunk's table of refusals names.
    package init(code: Int) {
        switch code {
        case 300: self = .multipleChoices
        case 302: self = .movedTemporarily
        case 403: self = .forbidden
        case 404: self = .notFound
        case 408: self = .requestTimeout
        case 480: self = .temporarilyUnavailable
        case 482: self = .loopDetected
        case 484: self = .addressIncomplete
        case 486: self = .busyHere
        case 487: self = .requestTerminated
        case 500: self = .serverInternalError
        case 503: self = .serviceUnavailable
        case 603: self = .decline
        default: self.init(min(max(code, 100), 699), "Refused")
        }
    }
}

extension SIPStatus: Equatable {
    package static func == (left: SIPStatus, right: SIPStatus) -> Bool { left.code == right.code }
}
