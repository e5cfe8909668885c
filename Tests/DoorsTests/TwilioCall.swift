import Authentication
import Doors
import HTTP
import Primitives
import Routing
import Testing

/// One webhook at the door: its parameters, the URL that it came to, and its signature.
struct TwilioCall {
    var directory: SampleDirectory
    var path = TwilioDoor.Path.inbound
    var target = "/telephony/inbound/twilio"
    var parameters = [
        ("AccountSid", "AC1"), ("CallSid", "CA1"), ("From", "+12125550123"),
        ("To", SampleDirectory.number),
    ]
    var agentName = ""
    var token = "12345"

    static let publicURL = "https://gw.example.com"
    static let time = WallTime(seconds: 1_795_244_709)

    init(targets: [String] = ["sip:a@example.com", "sip:b@example.com"]) throws {
        directory = try SampleDirectory(targets: targets)
    }

    /// What the door reads, as the organization `acme`.
    func read() throws -> IncomingCall? {
        let directory = try directory.snapshot()
        let webhook = try received().webhook
        let name = Array(agentName.utf8)
        let acme = try #require(directory.organization(named: "acme")).index
        return TwilioDoor.read(
            webhook,
            path: path,
            agentName: name.span,
            credential: try #require(directory.credential(named: "twilio", organization: acme))
                .index,
            directory: directory,
            id: 0xABCD,
            at: Self.time
        )
    }

    /// Whether the webhook says that the target which it comes back from has served the call.
    func saysTargetServed(at time: WallTime) throws -> Bool {
        try received().webhook.saysTargetServed(at: time)
    }

    /// The document that answers the call; with `output`, that of a workflow that said so; with
    /// `refusal`, that of a decision that is one.
    func answer(
        refusal: RefusalReason? = nil,
        output: WorkflowOutput? = nil
    ) throws -> StrictXML.Element {
        try written(refusal: refusal, output: output).document
    }

    struct Written {
        var decision: Decision
        var document: StrictXML.Element
        var byteCount: Int
        var leftOut: Enclosure.Parts
    }

    func written(
        refusal: RefusalReason? = nil,
        output: WorkflowOutput? = nil
    ) throws -> Written {
        let directory = try directory.snapshot()
        let call = try #require(try read())
        var trace = NoTrace()
        var decision = directory.decide(call, trace: &trace)
        if let output { decision = directory.conclude(decision, with: output, of: call) }
        if let refusal { decision.outcome = .refuse(refusal) }
        let publicURL = Array(Self.publicURL.utf8)
        var body = ByteBuffer()
        let leftOut = TwilioDoor.write(
            decision,
            to: call,
            directory: directory,
            publicURL: publicURL.span,
            dialTimeoutSeconds: 20,
            into: &body
        )
        return Written(
            decision: decision,
            document: try StrictXML.read(body.bytes),
            byteCount: body.count,
            leftOut: leftOut
        )
    }

    /// Lets the call come back to the URL of an answer's `action`.
    mutating func follow(_ document: StrictXML.Element) throws {
        let action = (document.first("Dial") ?? document.first("Connect"))?.attributes["action"]
        let url = try #require(action)
        #expect(url.hasPrefix(Self.publicURL + "/telephony/inbound/twilio?"))
        target = String(url.dropFirst(Self.publicURL.count))
    }

    /// Who signed the request, with these accounts.
    func authenticate(_ accounts: [TwilioAccounts.Entry]) throws -> TwilioAuthenticator.Verdict {
        let (webhook, connection) = try received()
        let reference = TwilioAuthenticator.Reference(
            accounts: TwilioAccounts(accounts),
            verifier: SignatureVerifier(publicURLs: [try PublicURL(parsing: Self.publicURL)]),
            forwardedURL: nil
        )
        var authenticator = TwilioAuthenticator()
        let input = connection.input
        return authenticator.authenticate(
            webhook,
            connection.request,
            in: input.span,
            reference: reference,
            directory: try directory.snapshot()
        )
    }

    static func keys(_ token: String) -> WebhookKeys {
        WebhookKeys(authTokens: [token].compactMap { AuthToken(Secret($0)) })
    }

    private func received() throws -> (webhook: TwilioWebhook, connection: HTTPConnection) {
        let now = Instant(nanoseconds: 0)
        var connection = HTTPConnection(limits: HTTPLimits(), at: now)
        let bytes = Array(try request().utf8)
        connection.receive(bytes.span, at: now)
        let date = HTTPDate(WallTime(seconds: 0))
        var step = connection.next(date: date)
        while step == .head { step = connection.next(date: date) }
        #expect(step == .request)
        var webhook = TwilioWebhook()
        let input = connection.input
        let isRead = webhook.read(connection.request, in: input.span)
        #expect(isRead)
        return (webhook, connection)
    }

    private func request() throws -> String {
        let question = SignatureQuestion(
            url: Self.publicURL + target,
            key: Secret(token),
            parameters: parameters.map { SignatureQuestion.Parameter(name: $0, value: $1) }
        )
        let signature = try SignatureDiagnosis(question).forms[0].signature
        let body = parameters.map { "\($0)=\(Self.encoded($1))" }.joined(separator: "&")
        return """
            POST \(target) HTTP/1.1\r
            Host: gw.example.com\r
            Content-Type: application/x-www-form-urlencoded\r
            X-Twilio-Signature: \(signature)\r
            Content-Length: \(body.utf8.count)\r
            \r
            \(body)
            """
    }

    private static func encoded(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var out = ByteBuffer()
        out.appendPercentEncoded(bytes.span)
        return out.text
    }
}
