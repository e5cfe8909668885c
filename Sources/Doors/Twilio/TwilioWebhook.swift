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

    /// Whether the target that brought the call back has served it, so that nothing is left to do.
    ///
    /// False on a first request, and where the next target may do better. `<Dial action>` says how the
    /// dial ended; `<Connect action>` says nothing of its stream, so that the time that it took decides:
    /// a connection that Twilio cannot make has failed within seconds.
    package func saysTargetServed(at time: WallTime) -> Bool {
        if let value = parameters.first(named: "DialCallStatus") {
            let status = parameters.bytes.span.bytes(value)
            // The agent took the call, or the caller hung up.
            return status.isEqual(to: "completed") || status.isEqual(to: "answered")
                || status.isEqual(to: "canceled")
        }
        guard let value = query.first(named: Self.streamField),
            let begin = query.bytes.span.bytes(value).decimal(limit: 1 << 40)
        else { return false }
        return saysCallIsOver || time.seconds - Int64(begin) >= Self.failureSecondsMax
    }

    /// Names the second at which a stream was offered, in the URL that its `<Connect>` comes back to.
    static let streamField: StaticString = "stream"
    /// How long Twilio may try to connect a stream before it gives up: generous.
    private static let failureSecondsMax: Int64 = 10
}
