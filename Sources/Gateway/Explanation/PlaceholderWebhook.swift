import Doors
import HTTP
import Primitives
import Routing

/// The webhook of a call that is only asked about, as Twilio would send it.
struct PlaceholderWebhook {
    let webhook: TwilioWebhook

    /// Nil where no webhook could say what the question says.
    init?(_ question: CallQuestion, account: [UInt8]) {
        let now = Instant(nanoseconds: 0)
        var connection = HTTPConnection(limits: HTTPLimits(), at: now)
        let bytes = Array(Self.request(question, account).utf8)
        connection.receive(bytes.span, at: now)
        let date = HTTPDate(WallTime(seconds: 0))
        var step = connection.next(date: date)
        if step == .head { step = connection.next(date: date) }
        guard step == .request else { return nil }
        var webhook = TwilioWebhook()
        let input = connection.input
        guard webhook.read(connection.request, in: input.span) else { return nil }
        self.webhook = webhook
    }

    private static func request(_ question: CallQuestion, _ account: [UInt8]) -> String {
        var parameters = [
            ("AccountSid", String(decoding: account, as: UTF8.self)), ("CallSid", "CAexplained"),
            ("CallStatus", "ringing"), ("Direction", "inbound"), ("From", question.from),
            ("To", question.to),
        ]
        if !question.callerName.isEmpty { parameters.append(("CallerName", question.callerName)) }
        for header in question.headers { parameters.append((header.name, header.value)) }
        let body = parameters.map { "\($0)=\($1.percentEncoded())" }.joined(separator: "&")
        return """
            POST /telephony/inbound/twilio HTTP/1.1\r
            Host: gateway.invalid\r
            Content-Type: application/x-www-form-urlencoded\r
            Content-Length: \(body.utf8.count)\r
            \r
            \(body)
            """
    }
}
