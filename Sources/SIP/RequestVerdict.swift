/// What to do with a message before anything is routed.
package enum RequestVerdict: Sendable {
    /// A new call: look the number up.
    case route
    /// An ACK: it belongs to an INVITE transaction and is never answered (RFC 3261 §17.1.1.3).
    case acknowledge
    /// A CANCEL: it belongs to an INVITE transaction; 481 if there is none (RFC 3261 §9.2).
    case cancel
    /// Answer this at once.
    case answer(RequestAnswer)
    /// Say nothing.
    case ignore(Silence)

    /// Why a message gets no answer.
    package enum Silence: UInt8, Hashable, Sendable {
        case notSIP
        /// We send no requests, so no response is ours. Answering one would be a loop.
        case response
        /// No topmost Via that an answer could repeat.
        case noVia
        /// An ACK that cannot be read: answers to ACK do not exist.
        case badAcknowledgement
    }
}

/// A refusal, or the answer to OPTIONS: a status and the fields that belong to it.
package struct RequestAnswer: Sendable {
    package struct Fields: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        package static let allow = Fields(rawValue: 1)
        package static let accept = Fields(rawValue: 2)
        package static let supported = Fields(rawValue: 4)
        package static let unsupported = Fields(rawValue: 8)
        package static let retryAfter = Fields(rawValue: 16)
        package static let acceptEncoding = Fields(rawValue: 32)
        package static let acceptLanguage = Fields(rawValue: 64)
        /// RFC 3261 §11.2: what a 200 to OPTIONS tells of us.
        static let capabilities: Fields = [
            .allow, .accept, .acceptEncoding, .acceptLanguage, .supported,
        ]
    }

    package var status: SIPStatus
    package var fields: Fields = []

    package init(_ status: SIPStatus, _ fields: Fields = []) {
        self.status = status
        self.fields = fields
    }
}
