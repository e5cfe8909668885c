import HTTP
import Primitives
import Routing
import Transport

/// The thread of `HTTPStepClient`: lanes, connections and deadlines.
///
/// Made inside its thread and never leaves it. Invariant: an exchange is in a lane's queue, on a
/// connection, or delivered.
final class HTTPStepLoop {
    private let mailbox: Mailbox<HTTPStepClient.Message>
    private let poller: Poller
    private let hosts: HostAllowList
    private let connectionsPerHost: Int
    private let resolver: NameResolver
    private let authorities: String?
    /// Made with the first https request, because it reads some hundred certificates; nil: no
    /// authority can be trusted, and https fails.
    private lazy var tls = try? TLSClientContext(authorities: authorities)
    private var lanes: [HTTPOrigin: HTTPStepLane] = [:]
    private var exchanges: [UInt64: HTTPStepExchange] = [:]
    private var connections: [UInt64: HTTPStepConnection] = [:]
    private var timers = TimerWheel()
    private var nextKey: UInt64 = 1
    private var now = Clock.now()
    private var isClosing = false

    init(
        mailbox: Mailbox<HTTPStepClient.Message>,
        poller: Poller,
        hosts: HostAllowList,
        connectionsPerHost: Int,
        authorities: String?,
        lookUp: @escaping NameResolver.LookUp
    ) {
        self.mailbox = mailbox
        self.poller = poller
        self.hosts = hosts
        self.connectionsPerHost = max(connectionsPerHost, 1)
        self.authorities = authorities
        resolver = NameResolver(lookUp: lookUp)
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

// MARK: - What comes in

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
}

// MARK: - Lanes

extension HTTPStepLoop {
    /// Gives waiting requests connections, as far as there are any to be had.
    private func fill(_ origin: HTTPOrigin) {
        while lanes[origin]?.hasWaiting() == true {
            if let key = lanes[origin]?.idle.popLast() {
                guard let connection = connections[key],
                    let exchange = lanes[origin]?.takeFirst()
                else { continue }
                if let timer = connection.timer.take() { timers.cancel(timer) }
                carry(exchange, on: connection)
            } else {
                guard let lane = lanes[origin], lane.connectionCount < connectionsPerHost else {
                    return
                }
                guard lane.hasAddresses(at: now) else {
                    resolve(origin)
                    return
                }
                connect(origin, to: lane.addresses)
            }
        }
    }

    private func resolve(_ origin: HTTPOrigin) {
        guard lanes[origin]?.isResolving == false else { return }
        lanes[origin]?.isResolving = true
        resolver.resolve(origin.host) { [mailbox] addresses in
            mailbox.send(.resolved(origin, addresses))
        }
    }

    private func connect(_ origin: HTTPOrigin, to addresses: [IPAddress]) {
        guard let address = addresses.first, let exchange = lanes[origin]?.takeFirst() else {
            return
        }
        let key = takeKey()
        do throws(HTTPStepConnection.Failure) {
            let connection = try HTTPStepConnection(
                key: key,
                origin: origin,
                address: address,
                tls: origin.isEncrypted ? tls : nil
            )
            guard watch(connection) else { throw .connect }
            connections[key] = connection
            lanes[origin]?.connectionCount += 1
            // Addresses that swallow packets share what time is left.
            let left = Int64(max(addresses.count - exchange.failedConnectCount, 1))
            let share = Interval(nanoseconds: (exchange.deadline - now).nanoseconds / left)
            if left > 1 { connection.timer = timers.schedule(at: now + share, token: key) }
            connection.carry(exchange)
        } catch {
            retryOrFail(exchange, origin, address, error)
        }
    }

    private func watch(_ connection: HTTPStepConnection) -> Bool {
        do {
            try poller.add(connection.descriptor, token: connection.key, interest: .writable)
            return true
        } catch {
            return false
        }
    }

    private func carry(_ exchange: HTTPStepExchange, on connection: HTTPStepConnection) {
        connection.carry(exchange)
        poller.change(
            connection.descriptor,
            token: connection.key,
            interest: connection.interest
        )
    }

    /// The lane of an origin; those that are idle give way when there are many.
    private func open(_ origin: HTTPOrigin, _ reach: AllowedHost.Reach) {
        guard lanes[origin] == nil else { return }
        if lanes.count >= Self.laneCountMax { lanes = lanes.filter { !$0.value.isIdle } }
        lanes[origin] = HTTPStepLane(reach)
    }
}

// MARK: - Connections

extension HTTPStepLoop {
    private func advance(
        _ connection: HTTPStepConnection,
        _ room: UnsafeMutableRawBufferPointer
    ) {
        let interest = connection.interest
        let wasConnecting = connection.isConnecting
        switch connection.advance(room) {
        case .waiting:
            if wasConnecting, !connection.isConnecting, let timer = connection.timer.take() {
                timers.cancel(timer)
            }
            guard connection.interest != interest else { return }
            poller.change(
                connection.descriptor,
                token: connection.key,
                interest: connection.interest
            )
        case .answered(let answer): answered(connection, answer)
        case .failed(let failure): fail(connection, failure)
        }
    }

    private func answered(_ connection: HTTPStepConnection, _ answer: HTTPResponseReader) {
        guard let exchange = connection.exchange else { return }
        let origin = connection.origin
        connection.release()
        if answer.persists {
            rest(connection)
        } else {
            close(connection)
        }
        let fields = answer.fields
        let location = fields.first { $0.name.lowercased() == "location" }?.value
        if exchange.follow(status: answer.status, location: location) {
            lanes[origin]?.prepend(exchange)
        } else {
            let event = WorkflowEvent.response(
                id: exchange.request.id,
                status: answer.status,
                headers: fields.prefix(WorkflowLimits.responseHeaderCountMax).map {
                    HTTPStepRequest.Header(name: $0.name, value: $0.value)
                },
                body: answer.body
            )
            finish(exchange) { $0.deliver(event) }
        }
        fill(origin)
    }

    /// Keeps a connection for the next request.
    private func rest(_ connection: HTTPStepConnection) {
        let isWanted = (lanes[connection.origin]?.idle.count ?? 0) < Self.idleCountMax
        guard isWanted || lanes[connection.origin]?.hasWaiting() == true else {
            close(connection)
            return
        }
        if let timer = connection.timer.take() { timers.cancel(timer) }
        connection.timer = timers.schedule(at: now + Self.idleTime, token: connection.key)
        lanes[connection.origin]?.idle.append(connection.key)
        poller.change(connection.descriptor, token: connection.key, interest: .readable)
    }

    private func fail(_ connection: HTTPStepConnection, _ failure: HTTPStepConnection.Failure) {
        let exchange = connection.exchange
        let wasReused = connection.isReused
        let origin = connection.origin
        connection.release()
        close(connection)
        guard let exchange else { return }
        if case .silentEnd = failure, wasReused, !exchange.wasRetried,
            exchange.request.method.isIdempotent
        {
            // RFC 9112 §9.3.1: the server closed a kept connection while the request was on its way.
            exchange.wasRetried = true
            lanes[origin]?.prepend(exchange)
        } else {
            retryOrFail(exchange, origin, connection.remote.address, failure)
        }
        fill(origin)
    }

    /// Puts an exchange back whose address took no connection, while there is another address.
    private func retryOrFail(
        _ exchange: HTTPStepExchange,
        _ origin: HTTPOrigin,
        _ address: IPAddress,
        _ failure: HTTPStepConnection.Failure
    ) {
        if case .connect = failure {
            exchange.failedConnectCount += 1
            lanes[origin]?.putLast(address)
            if exchange.failedConnectCount < lanes[origin]?.addresses.count ?? 0 {
                lanes[origin]?.prepend(exchange)
                return
            }
        }
        finish(exchange) { $0.fail(failure.reason) }
    }

    private func close(_ connection: HTTPStepConnection) {
        guard connections.removeValue(forKey: connection.key) != nil else { return }
        connection.release()
        if let timer = connection.timer.take() { timers.cancel(timer) }
        poller.remove(connection.descriptor)
        lanes[connection.origin]?.connectionCount -= 1
        lanes[connection.origin]?.idle.removeAll { $0 == connection.key }
    }

    private func finish(_ exchange: HTTPStepExchange, _ say: (HTTPStepExchange) -> Void) {
        exchanges[exchange.key] = nil
        timers.cancel(exchange.timer)
        say(exchange)
    }

    private func takeKey() -> UInt64 {
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
    /// Origins that are remembered while nobody asks them: wildcards allow any number.
    private static let laneCountMax = 1_000
    /// As much as one answer may be.
    private static let readByteCount = 64 << 10
    /// Resolvers do not say how long an answer holds; a moved host is found again after this.
    private static let addressLifetime = Interval.seconds(30)
    /// Servers close an idle connection after five seconds or more.
    private static let idleTime = Interval.seconds(4)
    /// Kept connections of one origin; a burst leaves no more behind.
    private static let idleCountMax = 64
}
