import HTTP
import Primitives
import Routing
import Transport

/// What becomes of a connection, and of the exchange on it.
extension HTTPStepLoop {
    func advance(
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

    func fail(_ connection: HTTPStepConnection, _ failure: HTTPStepConnection.Failure) {
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
    func retryOrFail(
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

    func close(_ connection: HTTPStepConnection) {
        guard connections.removeValue(forKey: connection.key) != nil else { return }
        connection.release()
        if let timer = connection.timer.take() { timers.cancel(timer) }
        poller.remove(connection.descriptor)
        lanes[connection.origin]?.connectionCount -= 1
        lanes[connection.origin]?.idle.removeAll { $0 == connection.key }
    }

    /// Servers close an idle connection after five seconds or more.
    private static let idleTime = Interval.seconds(4)
    /// Kept connections of one origin; a burst leaves no more behind.
    private static let idleCountMax = 64
}
