import HTTP
import Primitives
import Routing
import Transport

/// The thread of `HTTPStepClient`: lanes, connections and deadlines.
///
/// Made inside its thread and never leaves it. Invariant: an exchange is in a lane's queue, on a
/// connection, or delivered.
final class HTTPStepLoop {
    let mailbox: Mailbox<HTTPStepClient.Message>
    let poller: Poller
    private let hosts: HostAllowList
    let connectionsPerHost: Int
    let resolver: NameResolver
    private let authorities: String?
    /// Made with the first https request, because it reads some hundred certificates; nil: no
    /// authority can be trusted, and https fails.
    private(set) lazy var tls = try? TLSClientContext(authorities: authorities)
    var lanes: [HTTPOrigin: HTTPStepLane] = [:]
    var exchanges: [UInt64: HTTPStepExchange] = [:]
    var connections: [UInt64: HTTPStepConnection] = [:]
    var timers = TimerWheel()
    private var nextKey: UInt64 = 1
    private(set) var now = Clock.now()
    private var isClosing = false

    init(
        mailbox: Mailbox<HTTPStepClient.Message>,
        poller: Poller,
        hosts: HostAllowList,
        connectionsPerHost: Int,
        authorities: String?,
        resolver: NameResolver
    ) {
        self.mailbox = mailbox
        self.poller = poller
        self.hosts = hosts
        self.connectionsPerHost = max(connectionsPerHost, 1)
        self.authorities = authorities
        self.resolver = resolver
    }

    /// Runs until the client is gone and everything is delivered.
    func run() {
        let room = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Self.readByteCount,
            alignment: 16
        )
        defer { room.deallocate() }
        while !isClosing || !exchanges.isEmpty {
            // The kernel refuses only a bad descriptor; deadlines hold all the same.
            let count = (try? poller.wait(until: timers.nextDeadline, now: now)) ?? 0
            now = Clock.now()
            for index in 0..<count {
                let key = poller[index].token
                if key == Self.mailboxKey {
                    for message in mailbox.takeAll() { handle(message) }
                } else if let connection = connections[key] {
                    advance(connection, room)
                }
            }
            while let key = timers.popDue(at: now) { expire(key) }
        }
    }
}

/// What comes in: requests, addresses, deadlines.
extension HTTPStepLoop {
    private func handle(_ message: HTTPStepClient.Message) {
        switch message {
        case .send(let order): begin(order)
        case .resolved(let origin, let addresses): resolved(origin, addresses)
        case .close: isClosing = true
        }
    }

    private func begin(_ order: HTTPStepClient.Order) {
        let key = takeKey()
        let timer = timers.schedule(at: order.deadline, token: key)
        let exchange = HTTPStepExchange(order, key: key, timer: timer)
        exchanges[key] = exchange
        let origin = order.request.origin
        guard let reach = hosts.reach(of: origin.host, port: origin.port) else {
            finish(exchange) { $0.fail(.hostNotAllowed) }
            return
        }
        guard order.request.isWellFormed else {
            finish(exchange) { $0.fail(.malformed) }
            return
        }
        open(origin, reach)
        lanes[origin]?.append(exchange)
        fill(origin)
    }

    private func resolved(_ origin: HTTPOrigin, _ addresses: [IPAddress]) {
        guard let reach = lanes[origin]?.reach else { return }
        lanes[origin]?.isResolving = false
        // One address that is not allowed is enough: the name is in the hands of somebody else.
        let isAllowed = addresses.allSatisfy(reach.admits)
        guard isAllowed, !addresses.isEmpty else {
            let reason: HTTPStepFailure = isAllowed ? .unreachable : .hostNotAllowed
            for exchange in lanes[origin]?.takeAll() ?? [] {
                finish(exchange) { $0.fail(reason) }
            }
            return
        }
        lanes[origin]?.keep(addresses, until: now + Self.addressLifetime)
        fill(origin)
    }

    /// A deadline: of an exchange, of an attempt to connect, or of an idle connection.
    private func expire(_ key: UInt64) {
        if let exchange = exchanges[key] {
            let connection = exchange.connection.flatMap { connections[$0] }
            finish(exchange) { $0.fail(.timedOut) }
            if let connection {
                close(connection)
                fill(connection.origin)
            }
        } else if let connection = connections[key] {
            connection.timer = nil
            if connection.exchange == nil {
                close(connection)
            } else if connection.isConnecting {
                fail(connection, .connect)
            }
        }
    }

    func finish(_ exchange: HTTPStepExchange, _ say: (HTTPStepExchange) -> Void) {
        exchanges[exchange.key] = nil
        timers.cancel(exchange.timer)
        say(exchange)
    }

    func takeKey() -> UInt64 {
        defer { nextKey &+= 1 }
        return nextKey
    }
}

extension HTTPStepLoop {
    /// Made before the thread, so that a lack of descriptors is known at once.
    static func poller(
        watching mailbox: Mailbox<HTTPStepClient.Message>
    ) throws(SystemError) -> Poller {
        let poller = try Poller()
        try poller.add(mailbox.descriptor, token: mailboxKey)
        return poller
    }

    private static let mailboxKey: UInt64 = 0
    /// As much as one answer may be.
    private static let readByteCount = 64 << 10
    /// Resolvers do not say how long an answer holds; a moved host is found again after this.
    private static let addressLifetime = Interval.seconds(30)
}
