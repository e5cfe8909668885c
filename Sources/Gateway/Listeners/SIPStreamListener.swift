import Glibc
import Primitives
import SIP
import Transport

/// SIP over TCP for one loop: cuts streams into messages, answers on the connection that asked, and
/// closes what is idle, slow, or no SIP.
struct SIPStreamListener: ~Copyable {
    private var connections: ConnectionTable<Peer>
    private var timers = TimerWheel()
    private var room = [UInt8](repeating: 0, count: 65_536)
    private let idle: Interval

    /// One connection: its socket, what it has sent of a message, and what it has not yet taken.
    final class Peer {
        let stream: ConnectedSocket
        let remote: IPEndpoint
        let listener: UInt32
        var framer = SIPStreamFramer()
        var output = ByteBuffer()
        var sent = 0
        var deadline: Instant
        var armed = Instant.distantFuture
        var timer = TimerID.none
        var isInsideMessage = false
        var isWaitingToWrite = false
        /// No more is read; the connection ends once the last answer is sent.
        var isClosing = false

        init(
            _ stream: consuming ConnectedSocket,
            remote: IPEndpoint,
            listener: UInt32,
            deadline: Instant
        ) {
            self.stream = stream
            self.remote = remote
            self.listener = listener
            self.deadline = deadline
        }

        var hasOutput: Bool { sent < output.count }
    }

    init(idle: Interval, perAddress: Int) {
        self.idle = idle
        connections = ConnectionTable(
            capacity: Limits.connectionsPerLoop,
            perAddress: perAddress
        )
    }

    var count: Int { connections.count }
    var nextDeadline: Instant? { timers.nextDeadline }

    /// Takes in everybody who waits at `acceptor`; false when descriptors have run out.
    mutating func accept(from acceptor: TCPListener, listener: UInt32, _ loop: LoopContext) -> Bool
    {
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
                let peer = Peer(
                    ConnectedSocket(descriptor: descriptor),
                    remote: remote,
                    listener: listener,
                    deadline: loop.now + Limits.streamMessage
                )
                insert(peer, watching: .readable, loop)
            }
        }
        return true
    }

    /// Goes on with a connection that is ready to be read or written.
    mutating func proceed(
        _ id: UInt64,
        _ readiness: Poller.Interest,
        _ service: inout SIPService,
        state: ServingState,
        pipeline: inout CallPipeline,
        loop: LoopContext
    ) {
        guard let peer = connections[id] else { return }
        var isAlive = true
        if readiness.callsForRead, !peer.isClosing {
            isAlive = read(id, peer, &service, state, &pipeline, loop)
        }
        finish(id, peer, isAlive: isAlive, loop)
    }

    /// Sends an answer that was decided later, or once more.
    mutating func send(_ bytes: Span<UInt8>, by route: ResponseRoute, _ loop: LoopContext) {
        guard let peer = connections[route.connection] else {
            return connect(to: route, sending: bytes, loop)
        }
        peer.output.append(bytes)
        finish(route.connection, peer, isAlive: true, loop)
    }

    /// Ends connections that are overdue.
    mutating func advance(_ loop: LoopContext) {
        while let id = timers.popDue(at: loop.now) {
            guard let peer = connections[id] else { continue }
            peer.timer = .none
            peer.armed = .distantFuture
            if peer.deadline <= loop.now { end(id, peer, loop) } else { arm(id, peer) }
        }
    }

    /// Sends an answer whose connection is gone by one to the source address and the port of sent-by.
    ///
    /// RFC 3261 §18.2.2. It is tried once, for as long as a slow peer has for a message.
    private mutating func connect(
        to route: ResponseRoute,
        sending bytes: Span<UInt8>,
        _ loop: LoopContext
    ) {
        guard route.endpoint.port != 0, connections.hasRoom(for: route.endpoint),
            let stream = try? ConnectedSocket(connectingTo: route.endpoint)
        else { return loop.counters.add(.answersUnsent) }
        let peer = Peer(
            stream,
            remote: route.endpoint,
            listener: route.listener,
            deadline: loop.now + Limits.streamMessage
        )
        peer.output.append(bytes)
        peer.isWaitingToWrite = true
        insert(peer, watching: .init(reading: true, writing: true), loop)
    }

    private mutating func insert(
        _ peer: Peer,
        watching interest: Poller.Interest,
        _ loop: LoopContext
    ) {
        let id = connections.insert(from: peer.remote) { _ in peer }
        do {
            try loop.poller.add(
                peer.stream.descriptor,
                token: LoopToken(.sipStream, id).rawValue,
                interest: interest
            )
            arm(id, peer)
        } catch {
            connections.remove(id)
        }
    }

    /// Reads and serves what has come; false when the connection is to end at once.
    private mutating func read(
        _ id: UInt64,
        _ peer: Peer,
        _ service: inout SIPService,
        _ state: ServingState,
        _ pipeline: inout CallPipeline,
        _ loop: LoopContext
    ) -> Bool {
        switch room.withUnsafeMutableBytes({ peer.stream.receive(into: $0) }) {
        case .blocked: return true
        case .ended, .failed: return false
        case .bytes(let count): peer.framer.append(room.span.extracting(0..<count))
        }
        var hasMessage = false
        while true {
            switch peer.framer.next(into: &service.message) {
            case .needMore:
                note(peer, hasMessage: hasMessage, loop.now)
                return true
            case .ping:
                // RFC 5626 §3.5.1: a double CRLF is answered with a single one.
                peer.output.append("\r\n")
                hasMessage = true
            case .message(let range):
                hasMessage = true
                serve(id, peer, range, &service, state, &pipeline, loop)
            case .lastMessage(let range):
                serve(id, peer, range, &service, state, &pipeline, loop)
                peer.isClosing = true
                return true
            case .notSIP:
                loop.counters.add(.notSIP)
                // What came before it has its answers.
                peer.isClosing = true
                return true
            }
            // A peer that asks and does not read is not worth its memory.
            guard peer.output.count - peer.sent <= Limits.unsentBytes else { return false }
        }
    }

    private func serve(
        _ id: UInt64,
        _ peer: Peer,
        _ range: Range<Int>,
        _ service: inout SIPService,
        _ state: ServingState,
        _ pipeline: inout CallPipeline,
        _ loop: LoopContext
    ) {
        var output = ByteBuffer()
        swap(&output, &peer.output)
        // RFC 3261 §18.2.2: the answer goes by the connection that the request came by.
        _ = peer.framer.withBytes(of: range) { bytes in
            service.receive(
                bytes,
                from: SIPService.Origin(
                    source: peer.remote,
                    listener: peer.listener,
                    connection: id
                ),
                state: state,
                pipeline: &pipeline,
                loop: loop,
                into: &output
            )
        }
        swap(&output, &peer.output)
    }

    /// Between two messages a peer may be silent for long; inside one it may not.
    private func note(_ peer: Peer, hasMessage: Bool, _ now: Instant) {
        let isInside = peer.framer.isInsideMessage
        if isInside {
            if hasMessage || !peer.isInsideMessage { peer.deadline = now + Limits.streamMessage }
        } else {
            peer.deadline = now + idle
        }
        peer.isInsideMessage = isInside
    }

    private mutating func finish(
        _ id: UInt64,
        _ peer: Peer,
        isAlive: Bool,
        _ loop: LoopContext
    ) {
        guard isAlive, write(peer) else { return end(id, peer, loop) }
        if peer.isClosing, !peer.hasOutput { return end(id, peer, loop) }
        if peer.hasOutput != peer.isWaitingToWrite {
            peer.isWaitingToWrite = peer.hasOutput
            loop.poller.change(
                peer.stream.descriptor,
                token: LoopToken(.sipStream, id).rawValue,
                interest: .init(reading: true, writing: peer.hasOutput)
            )
        }
        arm(id, peer)
    }

    /// Sends what the kernel takes; false when the connection is broken.
    private func write(_ peer: Peer) -> Bool {
        while peer.hasOutput {
            let output = peer.output
            let pending = output.span.extracting(peer.sent..<output.count)
            guard case .bytes(let count) = peer.stream.send(pending) else { return false }
            guard count > 0 else { break }
            peer.sent += count
        }
        // A peer that always leaves a little unread must not make us keep all that it has read.
        guard peer.sent == peer.output.count || peer.sent >= Limits.unsentBytes else { return true }
        peer.output.removeFirst(peer.sent)
        peer.sent = 0
        return true
    }

    private mutating func arm(_ id: UInt64, _ peer: Peer) {
        guard peer.deadline < peer.armed else { return }
        _ = timers.cancel(peer.timer)
        peer.timer = timers.schedule(at: peer.deadline, token: id)
        peer.armed = peer.deadline
    }

    private mutating func end(_ id: UInt64, _ peer: Peer, _ loop: LoopContext) {
        if peer.hasOutput { loop.counters.add(.answersUnsent) }
        _ = timers.cancel(peer.timer)
        loop.poller.remove(peer.stream.descriptor)
        connections.remove(id)
    }
}
