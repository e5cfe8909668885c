import Glibc
import HTTP
import Primitives
import Routing
import Transport

/// HTTP over TCP for one loop: accepts, moves octets between sockets and `HTTPConnection`s, and lets
/// `service` answer each request.
struct HTTPListener: ~Copyable {
    private var connections: ConnectionTable<Peer>
    private var timers = TimerWheel()
    private var date: HTTPDate
    private var response = HTTPResponse()
    private var room = [UInt8](repeating: 0, count: 65_536)
    private let limits: HTTPLimits

    /// One connection: its socket, its machine, and what it may ask for.
    final class Peer {
        let stream: ConnectedSocket
        let remote: IPEndpoint
        let services: Configuration.Listener.Services
        var machine: HTTPConnection
        /// Where the current request goes, once its head has come.
        var route = RouteMatch.notFound
        var interest = Poller.Interest.readable
        var timer = TimerID.none
        var armed = Instant.distantFuture

        init(
            descriptor: Int32,
            remote: IPEndpoint,
            services: Configuration.Listener.Services,
            machine: HTTPConnection
        ) {
            stream = ConnectedSocket(descriptor: descriptor)
            self.remote = remote
            self.services = services
            self.machine = machine
        }
    }

    init(limits: HTTPLimits, perAddress: Int, at wall: WallTime) {
        self.limits = limits
        connections = ConnectionTable(
            capacity: Limits.connectionsPerLoop,
            perAddress: perAddress
        )
        date = HTTPDate(wall)
    }

    var count: Int { connections.count }
    var nextDeadline: Instant? { timers.nextDeadline }

    /// Takes in everybody who waits at `acceptor`; false when descriptors have run out.
    mutating func accept(
        from acceptor: TCPListener,
        services: Configuration.Listener.Services,
        _ loop: LoopContext
    ) -> Bool {
        for _ in 0..<64 {
            switch acceptor.accept() {
            case .none: return true
            case .exhausted: return false
            case .accepted(let descriptor, let remote):
                guard connections.hasRoom(for: remote) else {
                    loop.counters.add(.connectionsRefused)
                    close(descriptor)
                    continue
                }
                let machine = HTTPConnection(limits: limits, at: loop.now)
                let id = connections.insert(from: remote) { _ in
                    Peer(
                        descriptor: descriptor,
                        remote: remote,
                        services: services,
                        machine: machine
                    )
                }
                guard let peer = connections[id],
                    (try? loop.poller.add(descriptor, token: LoopToken(.httpStream, id).rawValue))
                        != nil
                else {
                    connections.remove(id)
                    continue
                }
                arm(id, peer, until: peer.machine.nextDeadline)
            }
        }
        return true
    }

    /// Goes on with a connection that is ready to be read or written.
    mutating func proceed(
        _ id: UInt64,
        _ readiness: Poller.Interest,
        _ loop: LoopContext,
        service: inout HTTPService
    ) {
        guard let peer = connections[id] else { return }
        if readiness.callsForRead { read(peer, loop.now) }
        drive(id, peer, &peer.machine, loop, &service)
    }

    /// Lets overdue connections end.
    mutating func advance(_ loop: LoopContext, service: inout HTTPService) {
        while let id = timers.popDue(at: loop.now) {
            guard let peer = connections[id] else { continue }
            peer.timer = .none
            peer.armed = .distantFuture
            peer.machine.advance(to: loop.now)
            drive(id, peer, &peer.machine, loop, &service)
        }
    }

    /// Answers a webhook that has waited for its workflow, if its connection is still there.
    mutating func conclude(
        _ place: WebhookPlace,
        with result: WorkflowResult,
        _ loop: LoopContext,
        service: inout HTTPService
    ) {
        guard service.conclude(place, with: result, &response, loop),
            let peer = connections[place.connection],
            peer.machine.requestNumber == place.request
        else { return }
        date.update(to: loop.wall)
        peer.machine.respond(response, date: date, at: loop.now)
        drive(place.connection, peer, &peer.machine, loop, &service)
    }

    /// Asks every connection to end once what it is doing is done.
    mutating func stop(_ loop: LoopContext, service: inout HTTPService) {
        for id in connections.ids {
            guard let peer = connections[id] else { continue }
            if peer.machine.isIdle {
                end(id, peer, loop)
            } else {
                peer.machine.handle(.stopping, at: loop.now)
                drive(id, peer, &peer.machine, loop, &service)
            }
        }
    }

    private mutating func read(_ peer: Peer, _ now: Instant) {
        let reading = room.withUnsafeMutableBytes { peer.stream.receive(into: $0) }
        switch reading {
        case .bytes(let count):
            peer.machine.receive(room.span.extracting(0..<count), at: now)
        case .blocked: break
        case .ended: peer.machine.handle(.peerClosed, at: now)
        case .failed: peer.machine.handle(.failed, at: now)
        }
    }

    /// Goes on with a connection until it has to wait.
    ///
    /// The machine is borrowed once for all of it: each look at it through its peer would be checked
    /// at run time, and might copy it whole.
    private mutating func drive(
        _ id: UInt64,
        _ peer: Peer,
        _ machine: inout HTTPConnection,
        _ loop: LoopContext,
        _ service: inout HTTPService
    ) {
        date.update(to: loop.wall)
        while true {
            switch machine.next(date: date) {
            case .head:
                service.admit(&machine, of: peer, at: loop.wall)
            case .request:
                let place = WebhookPlace(connection: id, request: machine.requestNumber)
                // What cannot be answered now is answered by `conclude`.
                guard service.answer(machine, of: peer, at: place, &response, loop) else {
                    continue
                }
                machine.respond(response, date: date, at: loop.now)
            case .wait:
                let isSending = !machine.pendingOutput.isEmpty
                send(peer.stream, &machine, loop.now)
                // What was sent may let the machine go on: to the next request, or to its end.
                if isSending, machine.pendingOutput.isEmpty { continue }
                watch(id, peer, machine, loop)
                return
            case .shutdown:
                peer.stream.shutdownWriting()
                watch(id, peer, machine, loop)
                return
            case .close:
                end(id, peer, loop)
                return
            }
        }
    }

    private func send(
        _ stream: borrowing ConnectedSocket,
        _ machine: inout HTTPConnection,
        _ now: Instant
    ) {
        while !machine.pendingOutput.isEmpty {
            let writing = stream.send(machine.output.span.extracting(machine.pendingOutput))
            guard case .bytes(let count) = writing else {
                machine.handle(.failed, at: now)
                return
            }
            guard count > 0 else { return }
            machine.handle(.sent(count), at: now)
        }
    }

    private mutating func watch(
        _ id: UInt64,
        _ peer: Peer,
        _ machine: borrowing HTTPConnection,
        _ loop: LoopContext
    ) {
        let interest = Poller.Interest(
            reading: machine.wantsInput,
            writing: !machine.pendingOutput.isEmpty
        )
        if interest != peer.interest {
            peer.interest = interest
            loop.poller.change(
                peer.stream.descriptor,
                token: LoopToken(.httpStream, id).rawValue,
                interest: interest
            )
        }
        arm(id, peer, until: machine.nextDeadline)
    }

    /// A deadline that moves away needs nothing: the timer fires, sees it, and is set again.
    private mutating func arm(_ id: UInt64, _ peer: Peer, until deadline: Instant) {
        guard deadline < peer.armed else { return }
        _ = timers.cancel(peer.timer)
        peer.timer = timers.schedule(at: deadline, token: id)
        peer.armed = deadline
    }

    private mutating func end(_ id: UInt64, _ peer: Peer, _ loop: LoopContext) {
        _ = timers.cancel(peer.timer)
        loop.poller.remove(peer.stream.descriptor)
        connections.remove(id)
    }
}
