import Doors
import HTTP
import Primitives
import Routing
import SIP
import Transport

/// One event loop: it owns its sockets, its transactions and its connections, and a call stays on it from
/// the first byte to the answer.
///
/// Made inside its thread and never leaves it.
final class CallLoop {
    private let seed: LoopSeed
    private let poller: Poller
    private let log: LoopLog
    private var context: LoopContext
    private var state: ServingState
    private var sip: SIPService
    private var http: HTTPService
    private var streams: SIPStreamListener
    private var web: HTTPListener
    private var datagrams: [SIPDatagramListener] = []
    private var sipAcceptors: [TCPListener] = []
    private var httpAcceptors:
        [(listener: TCPListener, services: Configuration.Listener.Services)] = []
    /// When accepting starts again after descriptors ran out.
    private var acceptResumes: Instant?
    private var isEnding = false

    init(_ seed: LoopSeed) throws {
        self.seed = seed
        poller = try Poller()
        context = LoopContext(
            poller: poller,
            counters: seed.counters,
            now: Clock.now(),
            wall: Clock.wall()
        )
        state = seed.state
        log = seed.log.loopLog(seed.index)
        let configuration = seed.state.configuration
        sip = SIPService(
            configuration: configuration,
            transactionKey: seed.transactionKey,
            ownListeners: seed.ownListeners,
            probeCallID: seed.probeCallID
        )
        http = try HTTPService(
            state: seed.state,
            pipeline: CallPipeline(
                recorder: CallRecorder(ring: seed.ring, log: log),
                exchange: seed.exchange,
                state: seed.state,
                counters: seed.counters
            ),
            operations: seed.operations,
            log: log
        )
        streams = SIPStreamListener(
            idle: configuration.sip.streamIdle,
            perAddress: configuration.sip.connectionsPerAddress
        )
        var limits = HTTPLimits()
        limits.headTimeout = configuration.http.headTimeout
        limits.firstByteTimeout = configuration.http.headTimeout
        limits.bodyGapTimeout = configuration.http.bodyTimeout
        limits.idleTimeout = configuration.http.idleTimeout
        web = HTTPListener(
            limits: limits,
            perAddress: configuration.http.connectionsPerAddress,
            at: context.wall
        )
        try listen()
    }

    private func listen() throws {
        try poller.add(seed.exchange.mailbox.descriptor, token: LoopToken(.mailbox).rawValue)
        for socket in seed.sockets {
            switch socket.configuration.transport {
            case .sipUDP:
                let index = datagrams.count
                let listener = try SIPDatagramListener(
                    socket.socket,
                    index: UInt32(truncatingIfNeeded: index)
                )
                datagrams.append(listener)
                try poller.add(
                    listener.socket.descriptor,
                    token: LoopToken(.datagrams, UInt64(index)).rawValue
                )
            case .sipTCP:
                sipAcceptors.append(TCPListener(socket.socket))
            case .http:
                httpAcceptors.append((TCPListener(socket.socket), socket.configuration.serves))
            }
        }
        try watchAcceptors()
    }

    /// Goes round until it is told to end.
    func run() {
        while !isEnding {
            let count: Int
            do {
                count = try poller.wait(until: nextDeadline, now: Clock.now())
            } catch {
                log.error("an event loop failed", [("error", .text("\(error)"))])
                seed.control.send(.failed(loop: seed.index))
                return
            }
            context.now = Clock.now()
            context.wall = Clock.wall()
            for position in 0..<count { handle(poller[position]) }
            advance()
        }
    }

    private var nextDeadline: Instant? {
        var deadline = sip.nextDeadline ?? .distantFuture
        if let next = streams.nextDeadline { deadline = min(deadline, next) }
        if let next = web.nextDeadline { deadline = min(deadline, next) }
        if let next = http.pipeline.consultation.runs.nextDeadline {
            deadline = min(deadline, next)
        }
        if let next = acceptResumes { deadline = min(deadline, next) }
        return deadline == .distantFuture ? nil : deadline
    }

    private func handle(_ event: Poller.Event) {
        let token = LoopToken(rawValue: event.token)
        switch token.kind {
        case .mailbox: readMail()
        case .datagrams: serveDatagrams(token.index, event.readiness)
        case .sipAcceptor:
            if !streams.accept(
                from: sipAcceptors[token.index],
                listener: UInt32(token.index),
                context
            ) {
                pauseAccepting()
            }
        case .httpAcceptor:
            let acceptor = httpAcceptors[token.index]
            if !web.accept(from: acceptor.listener, services: acceptor.services, context) {
                pauseAccepting()
            }
        case .sipStream:
            streams.proceed(
                token.value,
                event.readiness,
                &sip,
                state: state,
                pipeline: &http.pipeline,
                loop: context
            )
        case .httpStream:
            web.proceed(token.value, event.readiness, context, service: &http)
        case nil: break
        }
    }

    private func serveDatagrams(_ index: Int, _ readiness: Poller.Interest) {
        let listener = datagrams[index]
        var isDrained = true
        if readiness.contains(.writable) { isDrained = listener.flush(context) }
        if isDrained, readiness.contains(.readable) {
            isDrained = listener.serve(
                &sip,
                state: state,
                pipeline: &http.pipeline,
                loop: &context
            )
        }
        // While the kernel takes no answers, requests wait in its queue and not in our memory.
        if !isDrained || readiness.contains(.writable) {
            poller.change(
                listener.socket.descriptor,
                token: LoopToken(.datagrams, UInt64(index)).rawValue,
                interest: isDrained ? .readable : .writable
            )
        }
    }

    private func advance() {
        concludeCalls()
        sendDueAnswers()
        streams.advance(context)
        web.advance(context, service: &http)
        if let resumes = acceptResumes, resumes <= context.now {
            acceptResumes = nil
            do {
                try watchAcceptors()
            } catch {
                pauseAccepting()
            }
        }
    }

    /// Timer G: answers without an ACK go out again; and callers who gave up get theirs.
    private func sendDueAnswers() {
        guard let deadline = sip.nextDeadline, deadline <= context.now else { return }
        var answer = ByteBuffer()
        while let route = sip.advance(context, pipeline: &http.pipeline, into: &answer) {
            send(answer, by: route)
            answer.removeAll()
        }
        for listener in datagrams { _ = listener.flush(context) }
    }

    /// Sends an answer that no batch of requests carries.
    private func send(_ answer: borrowing ByteBuffer, by route: ResponseRoute) {
        guard route.connection == 0 else {
            return streams.send(answer.span, by: route, context)
        }
        let index = Int(route.listener & 0xFF)
        guard index < datagrams.count else { return }
        let start = datagrams[index].socket.outgoing.count
        datagrams[index].socket.outgoing.append(answer.span)
        datagrams[index].queue(from: start, by: route)
        context.counters.add(.datagramsSent)
    }

    /// Answers the calls whose workflows have come to an end.
    private func concludeCalls() {
        http.pipeline.consultation.runs.advance(to: context.now)
        while let delivery = http.pipeline.consultation.nextResult() {
            conclude(delivery.ticket, with: delivery.result)
        }
    }

    private func conclude(_ ticket: CallTicket, with result: WorkflowResult) {
        switch ticket.place {
        case .webhook(let place): web.conclude(place, with: result, context, service: &http)
        case .invite(let id):
            var answer = ByteBuffer()
            let route = sip.conclude(
                id,
                with: result,
                pipeline: &http.pipeline,
                loop: context,
                into: &answer
            )
            guard let route else { return }
            send(answer, by: route)
            for listener in datagrams { _ = listener.flush(context) }
        }
    }

    private func sayTrying(_ ticket: CallTicket) {
        guard case .invite(let id) = ticket.place else { return }
        var answer = ByteBuffer()
        guard let route = sip.sayTrying(id, loop: context, into: &answer) else { return }
        send(answer, by: route)
        for listener in datagrams { _ = listener.flush(context) }
    }

    private func readMail() {
        for message in seed.exchange.mailbox.takeAll() {
            switch message {
            case .serve(let state):
                self.state = state
                http.state = state
            case .drain:
                sip.isDraining = true
            case .report:
                publish()
                let isIdle = !sip.hasOpenCalls && !http.hasWaitingCalls
                if isIdle { seed.ring.giveBack() }
                seed.control.send(.report(loop: seed.index, isIdle: isIdle))
            case .consult(let question, let ticket):
                http.pipeline.consultation.take(question, ticket, at: context.now)
            case .workflowWaits(let ticket): sayTrying(ticket)
            case .workflowResult(let ticket, let result): conclude(ticket, with: result)
            case .stepAnswered(let run, let event):
                http.pipeline.consultation.runs.handle(event, run: run, at: context.now)
            case .callEnded(let call): http.pipeline.consultation.runs.end(call)
            case .end:
                web.stop(context, service: &http)
                isEnding = true
                seed.control.send(.ended(loop: seed.index))
            }
        }
    }

    private func publish() {
        sip.publish(to: seed.counters)
        seed.counters.set(.sipConnections, streams.count)
        seed.counters.set(.httpConnections, web.count)
        seed.counters.set(.workflowRunsWaiting, http.pipeline.consultation.runs.count)
    }

    private func watchAcceptors() throws {
        for (index, acceptor) in sipAcceptors.enumerated() {
            try poller.add(
                acceptor.descriptor,
                token: LoopToken(.sipAcceptor, UInt64(index)).rawValue
            )
        }
        for (index, acceptor) in httpAcceptors.enumerated() {
            try poller.add(
                acceptor.listener.descriptor,
                token: LoopToken(.httpAcceptor, UInt64(index)).rawValue
            )
        }
    }

    /// Out of descriptors: whoever waits goes on waiting, and the loop does not spin.
    private func pauseAccepting() {
        guard acceptResumes == nil else { return }
        for acceptor in sipAcceptors { poller.remove(acceptor.descriptor) }
        for acceptor in httpAcceptors { poller.remove(acceptor.listener.descriptor) }
        acceptResumes = context.now + Limits.acceptPause
    }
}
