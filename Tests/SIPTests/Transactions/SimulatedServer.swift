import Primitives
import SIP

/// The two kinds of transport that RFC 3261 §17 tells apart.
enum Wire: CaseIterable, CustomStringConvertible {
    case udp, tcp

    var description: String { self == .udp ? "UDP" : "TCP" }

    var route: ResponseRoute {
        ResponseRoute(
            endpoint: IPEndpoint(address: IPAddress(ipv4: 0xC000_0201), port: 5_060),
            listener: 1,
            connection: self == .udp ? 0 : 77
        )
    }
}

/// A transaction table on simulated time, with all that it made the server put on the wire.
final class SimulatedServer {
    var table: ServerTransactions
    private(set) var milliseconds: Int
    private(set) var sent: [Sent] = []
    private(set) var reminders: [Int] = []
    private(set) var unacknowledged: [Int] = []

    struct Sent: Equatable {
        var atMilliseconds: Int
        var text: String
    }

    init(
        capacity: Int = 1_000,
        confirmedCapacity: Int = 1_000,
        timers: TransactionTimers = TransactionTimers(),
        startingAtMilliseconds: Int = 0
    ) {
        table = ServerTransactions(
            capacity: capacity,
            confirmedCapacity: confirmedCapacity,
            timers: timers
        )
        milliseconds = startingAtMilliseconds
    }

    var now: Instant { .milliseconds(milliseconds) }
    var counters: ServerTransactions.Counters { table.counters }
    var timesSent: [Int] { sent.map(\.atMilliseconds) }

    func receive(
        _ method: String,
        _ key: TransactionKey,
        over wire: Wire
    ) -> ServerTransactions.Reception {
        let reception = table.receive(
            key,
            isInvite: method == "INVITE",
            route: wire.route,
            at: now
        )
        if case .retransmission(let id) = reception { send(id) }
        return reception
    }

    /// The transaction of a request that must be new.
    func begin(_ method: String, _ key: TransactionKey, over wire: Wire) -> TransactionID? {
        guard case .new(let id) = receive(method, key, over: wire) else { return nil }
        return id
    }

    @discardableResult
    func respond(_ id: TransactionID, _ text: String) -> Bool {
        let status = Int(text.prefix(3)) ?? 0
        let maySend = table.respond(
            id,
            status: status,
            answer: Array(text.utf8).span,
            at: now
        )
        if maySend { sent.append(Sent(atMilliseconds: milliseconds, text: text)) }
        return maySend
    }

    func respond(_ id: TransactionID, status: Int, bytes: [UInt8]) -> Bool {
        table.respond(id, status: status, answer: bytes.span, at: now)
    }

    /// The bytes that would be sent again.
    func answer(of id: TransactionID) -> [UInt8]? {
        var bytes: [UInt8]?
        table.withAnswer(id) { bytes = $0.array }
        return bytes
    }

    var nextDeadline: Instant? { table.nextDeadline }

    func acknowledge(_ key: TransactionKey) -> ServerTransactions.Acknowledgement {
        table.acknowledge(key, at: now)
    }

    func cancel(_ key: TransactionKey) -> ServerTransactions.Cancellation {
        table.cancel(key)
    }

    func state(of id: TransactionID) -> ServerTransactionState? {
        table.state(of: id)
    }

    /// Lives through all deadlines up to `end`, one after the other.
    func run(untilMilliseconds end: Int) {
        while let deadline = table.nextDeadline, deadline <= .milliseconds(end) {
            milliseconds = max(milliseconds, Int(deadline.nanoseconds / 1_000_000))
            drain()
        }
        milliseconds = end
        drain()
    }

    func run(forMilliseconds interval: Int) {
        run(untilMilliseconds: milliseconds + interval)
    }

    /// Jumps to `end` as a loop does that was held up: the deadlines in between are missed.
    func stall(untilMilliseconds end: Int) {
        milliseconds = end
        drain()
    }

    private func drain() {
        while let action = table.advance(to: now) {
            switch action {
            case .retransmit(let id, _): send(id)
            case .stillDeciding: reminders.append(milliseconds)
            case .unacknowledged: unacknowledged.append(milliseconds)
            }
        }
    }

    private func send(_ id: TransactionID) {
        table.withAnswer(id) { bytes in
            sent.append(Sent(atMilliseconds: milliseconds, text: bytes.text))
        }
    }
}

extension Instant {
    static func milliseconds(_ count: Int) -> Instant {
        Instant(nanoseconds: Int64(count) * 1_000_000)
    }
}

extension TransactionKey {
    /// A key as a keyed hash would spread it.
    static func numbered(_ number: Int) -> TransactionKey {
        var random = SeededRandom(seed: UInt64(number))
        return TransactionKey(first: random.next(), second: random.next())
    }
}
