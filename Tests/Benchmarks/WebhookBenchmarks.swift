import Authentication
import Doors
import Gateway
import HTTP
import Primitives
import Routing
import Transport

/// The parts of a Twilio webhook, and all of them together without a socket.
enum WebhookBenchmarks {
    static func run(_ directory: SampleDirectory) throws -> [Measurement] {
        let state = try directory.state()
        let request = try SampleWebhook().request
        return [verify(state, request), document(state, request), try wholePath(state, request)]
            .compactMap { $0 }
    }

    private static func verify(_ state: ServingState, _ request: [UInt8]) -> Measurement {
        let date = HTTPDate(Clock.wall())
        var connection = HTTPConnection(limits: HTTPLimits(), at: Clock.now())
        var webhook = TwilioWebhook()
        var authenticator = TwilioAuthenticator()
        var response = HTTPResponse()
        response.reset(.noContent)
        return Measurement("webhook: parse and verify, 26 parameters") { _ in
            receive(request, &connection, date)
            let credential = credential(&webhook, &authenticator, connection, state)
            precondition(credential != nil, "the signature was not accepted")
            send(response, &connection, date)
        }
    }

    private static func document(_ state: ServingState, _ request: [UInt8]) -> Measurement? {
        guard let number = PhoneNumber("+14155500007"),
            let credential = state.directory.allCredentials.first
        else { return nil }
        let call = IncomingCall(
            door: .twilio,
            carrier: .credential(index: credential.index),
            called: .number(number),
            caller: .anonymous,
            id: 1,
            time: Clock.wall()
        )
        var trace = NoTrace()
        let decision = state.directory.decide(call, trace: &trace)
        let publicURL = state.publicURL
        var body = ByteBuffer(capacity: 2_048)
        return Measurement("webhook: write TwiML") { _ in
            body.removeAll()
            TwilioDoor.write(
                decision,
                to: call,
                directory: state.directory,
                publicURL: publicURL.span,
                dialTimeoutSeconds: 20,
                into: &body
            )
        }
    }

    /// A request on a kept connection, its TwiML, and its record line.
    private static func wholePath(
        _ state: ServingState,
        _ request: [UInt8]
    ) throws -> Measurement {
        let ring = LineRing(capacity: 8 << 20)
        let log = Log(format: .logfmt, threshold: .error, loops: 1)
        let counters = LoopCounters()
        var pipeline = CallPipeline(
            recorder: CallRecorder(ring: ring, log: log.loopLog(0)),
            exchange: try LoopExchange.alone(),
            state: state,
            counters: counters
        )
        let loop = LoopContext(
            poller: try Poller(),
            counters: counters,
            now: Clock.now(),
            wall: Clock.wall()
        )
        let date = HTTPDate(Clock.wall())
        var connection = HTTPConnection(limits: HTTPLimits(), at: Clock.now())
        var webhook = TwilioWebhook()
        var authenticator = TwilioAuthenticator()
        var response = HTTPResponse()
        var lines = ByteBuffer(capacity: 8 << 20)
        let noName: [UInt8] = []
        return Measurement(
            "webhook: whole path, POST to TwiML and record, no socket",
            count: 8_000,
            between: {
                lines.removeAll()
                _ = ring.drain(into: &lines) { _ in false }
            },
            operation: { _ in
                receive(request, &connection, date)
                let credential = credential(&webhook, &authenticator, connection, state)
                let parameters = webhook.parameters.bytes
                let id = state.callID(parameters.span.bytes(webhook.parameter("CallSid")))
                let call = credential.flatMap { credential in
                    TwilioDoor.read(
                        webhook,
                        path: .inbound,
                        agentName: noName.span,
                        credential: credential,
                        directory: state.directory,
                        id: id,
                        at: loop.wall
                    )
                }
                guard let call else { preconditionFailure("the call was not read") }
                response.reset(.ok, contentType: "text/xml; charset=utf-8")
                _ = pipeline.route(
                    webhook,
                    call: call,
                    place: WebhookPlace(connection: 1, request: 1),
                    state: state,
                    source: IPEndpoint(address: .loopbackIPv4, port: 40_000),
                    loop: loop,
                    into: &response.body
                )
                send(response, &connection, date)
            }
        )
    }

    private static func receive(
        _ request: [UInt8],
        _ connection: inout HTTPConnection,
        _ date: borrowing HTTPDate
    ) {
        connection.receive(request.span, at: Instant(nanoseconds: 0))
        while true {
            switch connection.next(date: date) {
            case .head: continue
            case .request: return
            case .wait, .shutdown, .close: preconditionFailure("the request was not complete")
            }
        }
    }

    private static func send(
        _ response: borrowing HTTPResponse,
        _ connection: inout HTTPConnection,
        _ date: borrowing HTTPDate
    ) {
        let now = Instant(nanoseconds: 0)
        connection.respond(response, date: date, at: now)
        connection.handle(.sent(connection.pendingOutput.count), at: now)
    }

    private static func credential(
        _ webhook: inout TwilioWebhook,
        _ authenticator: inout TwilioAuthenticator,
        _ connection: borrowing HTTPConnection,
        _ state: ServingState
    ) -> UInt32? {
        let request = connection.request
        let input = connection.input
        guard webhook.read(request, in: input.span) else { return nil }
        let verdict = authenticator.authenticate(
            webhook,
            request,
            in: input.span,
            reference: TwilioAuthenticator.Reference(
                accounts: state.twilio,
                verifier: state.signatures,
                forwardedURL: nil
            ),
            directory: state.directory
        )
        guard case .authentic(let credential) = verdict else { return nil }
        return credential
    }
}
