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
    private var authenticator = TwilioAuthenticator()
    private var unescaped = ByteBuffer(capacity: 128)
    private var refusals = RateLimit(interval: .seconds(1))
    private let log: LoopLog
    let operations: Operations
    /// Swapped whole by the loop between two turns.
    var state: ServingState
    var pipeline: CallPipeline
    /// The webhooks whose workflow decides later.
    private var waiting: [WebhookPlace: DeferredCall<Webhook>] = [:]

    private typealias Webhook = (read: TwilioWebhook, call: IncomingCall, source: IPEndpoint)

    init(
        state: ServingState,
        pipeline: consuming CallPipeline,
        operations: Operations,
        log: LoopLog
    ) throws {
        routes = try RouteTable(Self.table.map { Route($0.method, $0.path) })
        self.state = state
        self.pipeline = pipeline
        self.operations = operations
        self.log = log
    }

    private enum Endpoint {
        case twilio(TwilioDoor.Path)
        case explain
        case context
        case operation(Operations.Page)

        var service: Configuration.Listener.Services {
            switch self {
            case .twilio: .calls
            case .explain, .context: .management
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
        (.post, "/trunkline/v1/routing/explain", .explain),
        (.post, "/trunkline/v1/calls/{id}/context", .context),
        (.get, "/healthz", .operation(.health)),
        (.get, "/readyz", .operation(.readiness)),
        (.get, "/metrics", .operation(.metrics)),
    ]

    /// Finds the route of the request whose head has come, and says what its body may be.
    func admit(
        _ connection: inout HTTPConnection,
        of peer: HTTPListener.Peer,
        at wall: WallTime
    ) {
        let request = connection.request
        let input = connection.input
        peer.route = routes.match(request.method, request.path, in: input.span)
        var rule = HTTPBodyRule(bytesMax: connection.limits.bodyBytesMax)
        if case .found(let index, _) = peer.route {
            switch Self.table[index].endpoint {
            case .twilio:
                // RFC 9110 §15.5.12: who posts says how much; Twilio always does.
                rule.isRequired = request.method == .post
            case .explain:
                // Room for a definition is given to operators alone.
                let credentials = input.span.bytes(request.only(.authorization) ?? .empty)
                let holder = state.authenticate(authorization: credentials, at: wall)
                if holder?.isOperator == true { rule.bytesMax = ExplainRequest.bodyByteCountMax }
            case .context, .operation: break
            }
        }
        connection.admit(rule)
    }

    /// Answers the current request of `connection`, which is at `place`; false: the answer comes later.
    mutating func answer(
        _ connection: borrowing HTTPConnection,
        of peer: HTTPListener.Peer,
        at place: WebhookPlace,
        _ response: inout HTTPResponse,
        _ loop: LoopContext
    ) -> Bool {
        let request = connection.request
        let input = connection.input
        switch peer.route {
        case .found(let index, let captures):
            let endpoint = Self.table[index].endpoint
            guard peer.services.contains(endpoint.service) else {
                refuse(.notFound, &response)
                return true
            }
            switch endpoint {
            case .explain:
                RoutingAPI.explain(
                    request,
                    in: input.span,
                    state: state,
                    operations: operations,
                    at: loop.wall,
                    &response
                )
            case .context:
                CallContextAPI.take(
                    input.span.bytes(captures[0]),
                    from: pipeline.contexts,
                    request,
                    in: input.span,
                    state: state,
                    loop,
                    &response
                )
            case .operation(let page):
                if case .health = page { loop.counters.add(.selfProbesAnswered) }
                operations.answer(page, &response)
            case .twilio(let path):
                return answerWebhook(
                    path,
                    captures[0],
                    connection,
                    peer.remote,
                    place,
                    &response,
                    loop
                )
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
        return true
    }

    /// Answers the webhook at `place`, which has waited for its workflow; false if there is none.
    mutating func conclude(
        _ place: WebhookPlace,
        with result: WorkflowResult,
        _ response: inout HTTPResponse,
        _ loop: LoopContext
    ) -> Bool {
        guard let waited = waiting.removeValue(forKey: place) else { return false }
        response.reset(.ok, contentType: "text/xml; charset=utf-8")
        pipeline.conclude(
            waited.arrival.read,
            call: waited.arrival.call,
            with: result,
            state: waited.state,
            source: waited.arrival.source,
            loop: waited.moment(in: loop),
            into: &response.body
        )
        return true
    }

    var hasWaitingCalls: Bool { !waiting.isEmpty }

    private func refuse(_ status: HTTPStatus, _ response: inout HTTPResponse) {
        response.reset(status, contentType: "text/plain; charset=utf-8")
        response.body.append(status.text)
        response.body.append("\n")
    }

    private mutating func answerWebhook(
        _ path: TwilioDoor.Path,
        _ capture: ByteSlice,
        _ connection: borrowing HTTPConnection,
        _ source: IPEndpoint,
        _ place: WebhookPlace,
        _ response: inout HTTPResponse,
        _ loop: LoopContext
    ) -> Bool {
        loop.counters.add(.webhooks)
        let request = connection.request
        let input = connection.input
        guard webhook.read(request, in: input.span) else {
            refuse(.contentTooLarge, &response)
            return true
        }
        let reference = TwilioAuthenticator.Reference(
            accounts: state.twilio,
            verifier: state.signatures,
            forwardedURL: forwardedURL(connection, source)
        )
        let verdict = authenticator.authenticate(
            webhook,
            request,
            in: input.span,
            reference: reference,
            directory: state.directory
        )
        switch verdict {
        case .authentic(let credential):
            return serve(
                path,
                input.span.bytes(capture),
                credential,
                source,
                place,
                &response,
                loop
            )
        case .forged(let refusal):
            loop.counters.add(.webhooksForged)
            tell(refusal, connection, source, loop)
            // An empty body: not a word on what was wrong, and nothing that Twilio could execute.
            response.reset(.forbidden)
            return true
        }
    }

    /// Answers a webhook that is authentic.
    private mutating func serve(
        _ path: TwilioDoor.Path,
        _ capture: Span<UInt8>,
        _ credential: UInt32,
        _ source: IPEndpoint,
        _ place: WebhookPlace,
        _ response: inout HTTPResponse,
        _ loop: LoopContext
    ) -> Bool {
        let parameters = webhook.parameters.bytes
        let id = state.callID(parameters.span.bytes(webhook.parameter("CallSid")))
        if case .status = path {
            pipeline.note(webhook, id: id, loop: loop)
            if webhook.saysCallIsOver { end(id, credential) }
            response.reset(.ok)
            return true
        }
        response.reset(.ok, contentType: "text/xml; charset=utf-8")
        if webhook.saysTargetServed(at: loop.wall) {
            end(id, credential)
            TwilioDoor.writeEnd(into: &response.body)
            return true
        }
        unescaped.removeAll()
        _ = unescaped.appendPercentDecoded(capture)
        let agentName = unescaped
        let call = TwilioDoor.read(
            webhook,
            path: path,
            agentName: agentName.span,
            credential: credential,
            directory: state.directory,
            id: id,
            at: loop.wall
        )
        guard let call else {
            refuse(.notFound, &response)
            return true
        }
        let progress = pipeline.route(
            webhook,
            call: call,
            place: place,
            state: state,
            source: source,
            loop: loop,
            into: &response.body
        )
        guard case .waiting = progress else { return true }
        waiting[place] = DeferredCall((webhook, call, source), state, since: loop)
        return false
    }

    /// The call does not count as being up any more.
    private mutating func end(_ call: UInt64, _ credential: UInt32) {
        guard let owner = state.directory.credential(credential)?.organization,
            let organization = state.directory.organization(owner),
            organization.routing?.workflow?.isPure == false
        else { return }
        pipeline.consultation.end(call: call, ofOrganization: organization.id)
    }

    /// The URL that a proxy says it was reached by, if the operator listed the proxy.
    private func forwardedURL(
        _ connection: borrowing HTTPConnection,
        _ source: IPEndpoint
    ) -> PublicURL? {
        guard state.trustedProxies.lookup(source.address) != nil else { return nil }
        let request = connection.request
        let input = connection.input
        guard let host = request.only(.xForwardedHost), let scheme = request.only(.xForwardedProto)
        else { return nil }
        return try? PublicURL(parsing: input.span.text(scheme) + "://" + input.span.text(host))
    }

    /// Says what would have matched: the URL that signatures are checked against, the account, and why.
    private mutating func tell(
        _ refusal: SignatureRefusal,
        _ connection: borrowing HTTPConnection,
        _ source: IPEndpoint,
        _ loop: LoopContext
    ) {
        guard let suppressed = refusals.pass(at: loop.now) else { return }
        let parameters = webhook.parameters.bytes
        let account = parameters.span.bytes(webhook.parameter("AccountSid"))
        let names = state.twilio.entries(of: account).map { index in
            state.directory.credential(state.twilio.entry(index).credential)?.id ?? ""
        }
        log.warning(
            "webhook refused",
            [
                ("reason", .text(refusal.rawValue)),
                ("account", .text(account.extracting(0..<min(account.count, 64)).text)),
                ("credentials", .text(names.joined(separator: ","))),
                ("expected_url", .text(expectedURL(connection))), ("source", .text("\(source)")),
                ("suppressed", .number(suppressed)),
            ]
        )
    }

    private func expectedURL(_ connection: borrowing HTTPConnection) -> String {
        let input = connection.input
        let target = input.span.bytes(connection.request.target)
        let end = target.firstIndex(of: ASCII.question) ?? target.count
        let base = String(decoding: state.publicURL, as: UTF8.self)
        return base + target.extracting(0..<min(end, 256)).text
    }
}
