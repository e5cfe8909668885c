import Primitives
import SIP

/// Many callers and one server on a link that loses and delays datagrams, on simulated time.
///
/// The callers are INVITE client transactions of RFC 3261 §17.1.1 with Timers A, B and D.
final class SimulatedLink {
    private(set) var calls: [SimulatedCall]
    private(set) var server: ServerTransactions
    private var queue = EventQueue()
    private var random: SeededRandom
    private let lossPercent: UInt64
    private let jitterMilliseconds: UInt64
    private var now = 0

    init(seed: UInt64, calls count: Int, lossPercent: UInt64, jitterMilliseconds: UInt64) {
        random = SeededRandom(seed: seed)
        self.lossPercent = lossPercent
        self.jitterMilliseconds = jitterMilliseconds
        calls = Array(repeating: SimulatedCall(), count: count)
        server = ServerTransactions(capacity: count, confirmedCapacity: count)
        for call in 0..<count { queue.push(.start(call), at: call) }
    }

    /// Runs until neither side has anything left to do.
    func run() {
        while true {
            let deadline = server.nextDeadline.map { Int($0.nanoseconds / 1_000_000) }
            guard let time = [queue.nextTime, deadline].compactMap(\.self).min() else { return }
            now = max(now, time)
            while let event = queue.pop(dueAt: now) { handle(event) }
            advanceServer()
        }
    }

    private func handle(_ event: LinkEvent) {
        switch event {
        case .start(let call):
            calls[call].startedAt = now
            sendInvite(call)
            queue.push(.timerA(call, gap: 500), at: now + 500)
            queue.push(.timerB(call), at: now + 32_000)
        case .timerA(let call, let gap):
            guard calls[call].state == .calling else { return }
            sendInvite(call)
            queue.push(.timerA(call, gap: gap * 2), at: now + gap * 2)
        case .timerB(let call):
            guard calls[call].state == .calling else { return }
            calls[call].state = .timedOut
        case .timerD(let call):
            calls[call].state = .terminated
        case .invite(let call): receiveInvite(call)
        case .acknowledgement(let call):
            _ = server.acknowledge(.numbered(call), at: .milliseconds(now))
        case .answer(let call): receiveAnswer(call)
        }
    }

    private func receiveInvite(_ call: Int) {
        calls[call].invitesArrived += 1
        let reception = server.receive(
            .numbered(call),
            isInvite: true,
            route: Self.route(to: call),
            at: .milliseconds(now)
        )
        switch reception {
        case .new(let id):
            calls[call].decisions += 1
            let answer: [UInt8] = Array("302 for \(call)".utf8)
            if server.respond(id, status: 302, answer: answer.span, at: .milliseconds(now)) {
                send(.answer(call))
            }
        case .retransmission: send(.answer(call))
        case .absorbed, .tableFull: break
        }
    }

    private func receiveAnswer(_ call: Int) {
        switch calls[call].state {
        case .calling:
            calls[call].state = .completed
            calls[call].answeredAfter = now - calls[call].startedAt
            queue.push(.timerD(call), at: now + 32_000)
            send(.acknowledgement(call))
        // RFC 3261 §17.1.1.2: each answer that comes again is acknowledged again.
        case .completed: send(.acknowledgement(call))
        case .terminated, .timedOut: break
        }
    }

    private func advanceServer() {
        while let action = server.advance(to: .milliseconds(now)) {
            guard case .retransmit(_, let route) = action else { continue }
            send(.answer(Int(route.endpoint.address.low & 0xFFFF)))
        }
    }

    private func sendInvite(_ call: Int) {
        calls[call].invitesSent += 1
        if !send(.invite(call)) { calls[call].invitesLost += 1 }
    }

    /// Puts a datagram on the link; false if the link loses it.
    @discardableResult
    private func send(_ event: LinkEvent) -> Bool {
        guard !random.chance(lossPercent) else { return false }
        queue.push(event, at: now + Int(random.next() % (jitterMilliseconds + 1)))
        return true
    }

    private static func route(to call: Int) -> ResponseRoute {
        ResponseRoute(
            endpoint: IPEndpoint(address: IPAddress(high: 0, low: UInt64(call)), port: 5_060),
            listener: 1
        )
    }
}

/// What one caller has seen.
struct SimulatedCall {
    enum State { case calling, completed, terminated, timedOut }

    var state = State.calling
    var startedAt = 0
    var answeredAfter: Int?
    var invitesSent = 0
    var invitesLost = 0
    var invitesArrived = 0
    /// How often the server took the INVITE for a new call.
    var decisions = 0
}

enum LinkEvent {
    case start(Int), timerA(Int, gap: Int), timerB(Int), timerD(Int)
    case invite(Int), acknowledgement(Int), answer(Int)
}

/// Events by time, those of one time in the order in which they were pushed: a binary heap.
private struct EventQueue {
    private var heap: [(time: Int, number: Int, event: LinkEvent)] = []
    private var pushed = 0

    var nextTime: Int? { heap.first?.time }

    mutating func push(_ event: LinkEvent, at time: Int) {
        pushed += 1
        heap.append((time, pushed, event))
        var child = heap.count - 1
        while child > 0, comes(child, before: (child - 1) / 2) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func pop(dueAt now: Int) -> LinkEvent? {
        guard let first = heap.first, first.time <= now else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && comes(child, before: least) {
                least = child
            }
            guard least != parent else { return first.event }
            heap.swapAt(parent, least)
            parent = least
        }
    }

    private func comes(_ left: Int, before right: Int) -> Bool {
        (heap[left].time, heap[left].number) < (heap[right].time, heap[right].number)
    }
}
