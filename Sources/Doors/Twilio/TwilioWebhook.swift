import HTTP
import Primitives

/// The parameters of a voice webhook: from the form of a POST, or from the query of a GET.
///
/// Used again for every request of a loop. Twilio adds parameters without notice, so that whatever comes
/// is accepted and signed; here stands what a decision needs.
package struct TwilioWebhook: Sendable {
    /// The parameters that Twilio sent.
    package private(set) var parameters = FormParameters()
    /// The parameters of the URL, among them those that we handed out ourselves.
    private(set) var query = FormParameters()
    private(set) var isForm = false

    package init() {}

    /// Reads a request whose slices point into `bytes`; false when it has too many parameters.
    package mutating func read(_ request: HTTPRequest, in bytes: Span<UInt8>) -> Bool {
        isForm =
            request.method == .post
            && request.hasContentType("application/x-www-form-urlencoded", in: bytes)
        do throws(FormError) {
            try query.parse(bytes.bytes(request.query))
            if isForm {
                try parameters.parse(bytes.bytes(request.body))
            } else {
                try parameters.parse(bytes.bytes(request.query))
            }
            return true
        } catch {
            return false
        }
    }

    /// The parameter that Twilio names so, or an empty slice of `parameters.bytes`.
    package func parameter(_ name: StaticString) -> ByteSlice {
        parameters.first(named: name) ?? .empty
    }

    /// Whether `CallStatus` is one of those after which nothing comes.
    package var saysCallIsOver: Bool {
        let status = parameters.bytes.span.bytes(parameter("CallStatus"))
        return status.isEqual(to: "completed") || status.isEqual(to: "busy")
            || status.isEqual(to: "failed") || status.isEqual(to: "no-answer")
            || status.isEqual(to: "canceled")
    }

    /// How the `<Dial>` that brought the call back ended; nil on a first request.
    package var dialOutcome: DialOutcome? {
        guard let value = parameters.first(named: "DialCallStatus") else { return nil }
        return DialOutcome(parameters.bytes.span.bytes(value))
    }
}

/// The values of `DialCallStatus` as far as they decide what follows.
package enum DialOutcome: Sendable {
    /// The agent took the call, or the caller hung up: nothing is left to do.
    case over
    case busy
    /// No answer, a failure, or a value that is not known: the next target may do better.
    case unanswered

    init(_ text: Span<UInt8>) {
        if text.isEqual(to: "completed") || text.isEqual(to: "answered")
            || text.isEqual(to: "canceled")
        {
            self = .over
        } else {
            self = text.isEqual(to: "busy") ? .busy : .unanswered
        }
    }
}
