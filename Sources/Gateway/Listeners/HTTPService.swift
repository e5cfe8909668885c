import Authentication
import Doors
import HTTP
import Primitives
import Routing
import Transport

/// What the HTTP listeners of a loop do with a request: find its route, check who sent it, answer.
struct HTTPService: ~Copyable {
    private let routes: RouteTable
    private var webhook = TwilioWebhook()
    private var signed = SignedParameters()
    private var unescaped = ByteBuffer(capacity: 128)
    private var refusals = RateLimit(interval: .seconds(1))
    private let log: Log
    let operations: Operations
    /// Swapped whole by the loop between two turns.
    var state: ServingState
    var pipeline: CallPipeline

    init(
        state: ServingState,
        pipeline: consuming CallPipeline,
        operations: Operations,
        log: Log
    ) throws {
        routes = try RouteTable(Self.table.map { Route($0.method, $0.path) })
        self.state = state
        self.pipeline = pipeline
        self.operations = operations
        self.log = log
    }

    /// Names the key and the algorithm of a signature (`twilio.md` §1.6).
    private static let settingsField: StaticString = "x-twilio-webhooks-signature-settings"

    private enum Endpoint {
        case twilio(TwilioDoor.Path)
        case operation(Operations.Page)

        var service: Configuration.Listener.Services {
            switch self {
            case .twilio: .calls
            case .operation: .operations
            }
        }
    }

    private static let table: [(method: HTTPMethod, path: String, endpoint: Endpoint)] = [
        (.post, "/telephony/inbound/twilio", .twilio(.inbound)),
        (.get, "/telephony/inbound/twilio", .twilio(.inbound)),
        (.post, "/telephony/agents/{id}/inbound", .twilio(.agent)),
        (.get, "/telephony/agents/{id}/inbound", .twilio(.agent)),
        (.post, "/telephony/fallback/twilio", .twilio(.fallback)),
        (.get, "/telephony/fallback/twilio", .twilio(.fallback)),
        (.post, "/telephony/status/twilio", .twilio(.status)),
        (.get, "/telephony/status/twilio", .twilio(.status)),
        (.get, "/healthz", .operation(.health)),
        (.get, "/readyz", .operation(.readiness)),
        (.get, "/metrics", .operation(.metrics)),
    ]

    /// Answers the current request of `peer`.
    mutating func answer(
        _ peer: HTTPListener.Peer,
        _ response: inout HTTPResponse,
        _ loop: LoopContext
    ) {
        let request = peer.machine.request
        let match = routes.match(request.method, request.path, in: peer.machine.input.span)
        switch match {
        case .found(let index, let captures):
            let endpoint = Self.table[index].endpoint
            guard peer.services.contains(endpoint.service) else {
                return refuse(.notFound, &response)
            }
            switch endpoint {
            case .operation(let page): operations.answer(page, &response)
            case .twilio(let path): answerWebhook(path, captures[0], peer, &response, loop)
            }
        case .options(let allow):
            response.reset(.noContent)
            response.addAllow(allow)
        case .methodNotAllowed(let allow):
            refuse(.methodNotAllowed, &response)
            response.addAllow(allow)
        case .notFound: refuse(.notFound, &response)
        case .notImplemented: refuse(.notImplemented, &response)
        }
    }

    private func refuse(_ status: HTTPStatus, _ response: inout HTTPResponse) {
        response.reset(status, contentType: "text/plain; charset=utf-8")
        response.body.append(status.text)
        response.body.append("\n")
    }

    private mutating func answerWebhook(
        _ path: TwilioDoor.Path,
        _ capture: ByteSlice,
        _ peer: HTTPListener.Peer,
        _ response: inout HTTPResponse,
        _ loop: LoopContext
    ) {
        loop.counters.add(.webhooks)
        guard webhook.read(peer.machine.request, in: peer.machine.input.span) else {
            return refuse(.contentTooLarge, &response)
        }
        let credential: UInt32
        switch authenticate(peer) {
        case .authentic(let index): credential = index
        case .forged(let refusal):
            loop.counters.add(.webhooksForged)
            tell(refusal, peer, loop)
            // An empty body: not a word on what was wrong, and nothing that Twilio could execute.
            response.reset(.forbidden)
            return
        }
        let parameters = webhook.parameters.bytes.span
        let id = pipeline.callID(parameters.bytes(webhook.parameter("CallSid")), state)
        if case .status = path {
            pipeline.note(webhook, id: id, source: peer.remote, loop: loop)
            response.reset(.ok)
            return
        }
        response.reset(.ok, contentType: "text/xml; charset=utf-8")
        if case .over? = webhook.dialOutcome {
            TwilioDoor.writeEnd(into: &response.body)
            return
        }
        unescape(capture, peer)
        let call = TwilioDoor.read(
            webhook,
            path: path,
            agentName: unescaped.span,
            credential: credential,
            directory: state.directory,
            id: id,
            at: loop.wall
        )
        guard let call else { return refuse(.notFound, &response) }
        pipeline.route(
            webhook,
            call: call,
            state: state,
            source: peer.remote,
            loop: loop,
            into: &response.body
        )
    }

    private enum Authenticity {
        case authentic(credential: UInt32)
        case forged(SignatureRefusal)
    }

    /// Whether the webhook was signed under a key of the account that it names.
    ///
    /// Of several organizations with the same account the one that owns the number counts; the others'
    /// keys open nothing of it.
    private mutating func authenticate(_ peer: HTTPListener.Peer) -> Authenticity {
        let request = peer.machine.request
        let bytes = peer.machine.input.span
        var headers = SignatureHeaders()
        for field in request.fields {
            switch field.id {
            case .xTwilioSignature: headers.addSignature(bytes.bytes(field.value))
            case .other where bytes.bytes(field.name).isEqualIgnoringCase(to: Self.settingsField):
                headers.addSettings(bytes.bytes(field.value))
            default: break
            }
        }
        let account = webhook.parameters.bytes.span.bytes(webhook.parameter("AccountSid"))
        let candidates = state.twilio.entries(of: account)
        guard !candidates.isEmpty else {
            return .forged(headers.signatureCount == 0 ? .missingSignature : .noKey)
        }
        let content = SignedContent(
            isGET: request.method != .post,
            isForm: webhook.isForm,
            bodyByteCount: Int(request.body.count)
        )
        join(content)
        var verdict = Authenticity.forged(.mismatch)
        for candidate in candidates {
            let entry = state.twilio.entry(candidate)
            switch verify(headers, content, peer, entry.keys) {
            case .refused(let refusal):
                if case .forged = verdict { verdict = .forged(refusal) }
            case .valid:
                verdict = .authentic(credential: entry.credential)
                if ownsNumber(entry.credential) { return verdict }
            }
        }
        return verdict
    }

    private func ownsNumber(_ credential: UInt32) -> Bool {
        let text = webhook.parameters.bytes.span.bytes(webhook.parameter("To"))
        guard case .number(let number) = CompiledNumberPlan.international.read(text),
            let entry = state.directory.entry(number)
        else { return true }
        return entry.organization == state.directory.credential(credential)?.organization
    }

    private mutating func join(_ content: SignedContent) {
        signed.removeAll()
        guard content == .form else { return }
        let source = webhook.parameters.bytes.span
        for index in 0..<webhook.parameters.count {
            let parameter = webhook.parameters[index]
            signed.append(name: parameter.name, value: parameter.value, in: source)
        }
    }

    private mutating func verify(
        _ headers: SignatureHeaders,
        _ content: SignedContent,
        _ peer: HTTPListener.Peer,
        _ keys: WebhookKeys
    ) -> SignatureVerdict {
        let request = peer.machine.request
        let forwarded = forwardedURL(peer)
        return signed.withJoined(from: webhook.parameters.bytes.span) { parameters in
            let bytes = peer.machine.input.span
            let verdict = state.signatures.verify(
                headers,
                target: bytes.bytes(request.target),
                content: content,
                parameters: parameters,
                body: bytes.bytes(request.body),
                keys: keys
            )
            guard !verdict.isValid, let forwarded else { return verdict }
            return SignatureVerifier(publicURLs: [forwarded]).verify(
                headers,
                target: bytes.bytes(request.target),
                content: content,
                parameters: parameters,
                body: bytes.bytes(request.body),
                keys: keys
            )
        }
    }

    /// The URL that a proxy says it was reached by, if the operator listed the proxy.
    private func forwardedURL(_ peer: HTTPListener.Peer) -> PublicURL? {
        guard state.trustedProxies.lookup(peer.remote.address) != nil else { return nil }
        let bytes = peer.machine.input.span
        guard let host = peer.machine.request.only(.xForwardedHost),
            let scheme = peer.machine.request.only(.xForwardedProto)
        else { return nil }
        return try? PublicURL(parsing: bytes.text(scheme) + "://" + bytes.text(host))
    }

    private mutating func unescape(_ capture: ByteSlice, _ peer: HTTPListener.Peer) {
        unescaped.removeAll()
        _ = PercentEncoding.decode(peer.machine.input.span.bytes(capture), into: &unescaped)
    }

    /// Says what would have matched: the URL that signatures are checked against, the account, and why.
    private mutating func tell(
        _ refusal: SignatureRefusal,
        _ peer: HTTPListener.Peer,
        _ loop: LoopContext
    ) {
        guard let suppressed = refusals.pass(at: loop.now) else { return }
        let account = webhook.parameters.bytes.span.bytes(webhook.parameter("AccountSid"))
        let text = account.extracting(0..<min(account.count, 64)).text
        let names = state.twilio.entries(of: account).map { index in
            state.directory.credential(state.twilio.entry(index).credential)?.id ?? ""
        }
        log.warning(
            "webhook refused",
            [
                ("reason", .text(refusal.rawValue)), ("account", .text(text)),
                ("credentials", .text(names.joined(separator: ","))),
                ("expected_url", .text(expectedURL(peer))), ("source", .text("\(peer.remote)")),
                ("suppressed", .number(suppressed)),
            ]
        )
    }

    private func expectedURL(_ peer: HTTPListener.Peer) -> String {
        let bytes = peer.machine.input.span
        let target = bytes.bytes(peer.machine.request.target)
        let end = target.firstIndex(of: ASCII.question) ?? target.count
        return state.publicURL.span.text + target.extracting(0..<min(end, 256)).text
    }
}
