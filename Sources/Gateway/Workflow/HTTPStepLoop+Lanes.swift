import Primitives
import Routing
import Transport

/// Requests that wait, and the connections they wait for.
extension HTTPStepLoop {
    /// Gives waiting requests connections, as far as there are any to be had.
    func fill(_ origin: HTTPOrigin) {
        while lanes[origin]?.hasWaiting() == true {
            if let key = lanes[origin]?.idle.popLast() {
                guard let connection = connections[key],
                    let exchange = lanes[origin]?.takeFirst()
                else { continue }
                if let timer = connection.timer.take() { timers.cancel(timer) }
                carry(exchange, on: connection)
            } else {
                // No copy of the lane: it would make the queue be copied as well.
                guard lanes[origin]?.connectionCount ?? 0 < connectionsPerHost else { return }
                guard lanes[origin]?.hasAddresses(at: now) == true else {
                    resolve(origin)
                    return
                }
                connect(origin, to: lanes[origin]?.addresses ?? [])
            }
        }
    }

    private func resolve(_ origin: HTTPOrigin) {
        guard lanes[origin]?.isResolving == false else { return }
        lanes[origin]?.isResolving = true
        resolver.resolve(origin.host) { [mailbox] answer in
            mailbox.send(.resolved(origin, answer.found))
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
    func open(_ origin: HTTPOrigin, _ reach: AllowedHost.Reach) {
        guard lanes[origin] == nil else { return }
        if lanes.count >= Self.laneCountMax { lanes = lanes.filter { !$0.value.isIdle } }
        lanes[origin] = HTTPStepLane(reach)
    }

    /// Origins that are remembered while nobody asks them: wildcards allow any number.
    private static let laneCountMax = 1_000
}
