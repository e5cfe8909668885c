import Primitives
import Routing

/// The connections to one origin, and the requests that wait for one of them.
struct HTTPStepLane {
    let reach: AllowedHost.Reach
    /// Open connections, those on their way included.
    var connectionCount = 0
    /// Connections that wait for a request, the one that was used last at the end.
    var idle: [UInt64] = []
    /// Whether the resolver was asked and has not answered.
    var isResolving = false
    /// Checked addresses, the one to try first at the front.
    private(set) var addresses: [IPAddress]
    private var addressesExpire: Instant
    private var waiting: [HTTPStepExchange] = []
    private var waitingStart = 0

    /// An address needs no resolver, and stays.
    init(_ reach: AllowedHost.Reach) {
        self.reach = reach
        if case .address(let address) = reach {
            addresses = [address]
            addressesExpire = .distantFuture
        } else {
            addresses = []
            addressesExpire = Instant(nanoseconds: 0)
        }
    }

    /// Whether nothing is under way; what it keeps then is only what the resolver said.
    var isIdle: Bool { connectionCount == 0 && !isResolving && waitingStart == waiting.count }

    mutating func append(_ exchange: HTTPStepExchange) {
        waiting.append(exchange)
    }

    /// Puts an exchange in front of the others: its turn had come before.
    mutating func prepend(_ exchange: HTTPStepExchange) {
        if waitingStart > 0 {
            waitingStart -= 1
            waiting[waitingStart] = exchange
        } else {
            waiting.insert(exchange, at: 0)
        }
    }

    /// Whether a request still waits; those that ran out of time are dropped on the way.
    mutating func hasWaiting() -> Bool {
        while waitingStart < waiting.count, waiting[waitingStart].isDelivered { waitingStart += 1 }
        // What was taken is cut off when it is the larger part, so that each costs constant time.
        if waitingStart * 2 >= waiting.count {
            waiting.removeSubrange(0..<waitingStart)
            waitingStart = 0
        }
        return waitingStart < waiting.count
    }

    mutating func takeFirst() -> HTTPStepExchange? {
        guard hasWaiting() else { return nil }
        defer { waitingStart += 1 }
        return waiting[waitingStart]
    }

    mutating func takeAll() -> [HTTPStepExchange] {
        defer {
            waiting = []
            waitingStart = 0
        }
        return waiting[waitingStart...].filter { !$0.isDelivered }
    }

    func hasAddresses(at now: Instant) -> Bool { !addresses.isEmpty && now < addressesExpire }

    mutating func keep(_ found: [IPAddress], until expiry: Instant) {
        addresses = Array(found.prefix(Self.addressCountMax))
        addressesExpire = expiry
    }

    /// Tries another address first from now on.
    mutating func putLast(_ address: IPAddress) {
        guard addresses.count > 1, addresses[0] == address else { return }
        addresses.append(addresses.removeFirst())
    }

    /// A request tries no more addresses than this.
    private static let addressCountMax = 4
}
