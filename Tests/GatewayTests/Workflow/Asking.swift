import Gateway
import Primitives
import Routing
import Testing

/// An event in a form that tests compare.
struct Delivery: Sendable, Equatable {
    var id: Int
    var status = 0
    var body = ""
    var reason: HTTPStepFailure?
    var headers: [HTTPStepRequest.Header] = []

    init(_ event: WorkflowEvent) {
        switch event {
        case .response(let id, let status, let headers, let body):
            self.id = id
            self.status = status
            self.headers = headers
            self.body = String(decoding: body, as: UTF8.self)
        case .requestFailed(let id, let reason):
            self.id = id
            self.reason = reason
        }
    }
}

extension HTTPStepClient {
    /// Sends a request and notes what comes of it.
    func ask(
        _ url: String,
        method: HTTPStepRequest.Method = .get,
        id: Int = 1,
        headers: [HTTPStepRequest.Header] = [],
        body: String? = nil,
        timeout: Interval = .seconds(20),
        _ deliveries: Deliveries
    ) throws {
        let (origin, count) = try #require(HTTPOrigin.read(url))
        let target = String(decoding: Array(url.utf8)[count...], as: UTF8.self)
        let request = HTTPStepRequest(
            id: id,
            method: method,
            origin: origin,
            target: target,
            headers: headers,
            body: body.map { Array($0.utf8) }
        )
        send(request, timeout: timeout) { deliveries.append(Delivery($0)) }
    }

    /// Sends a request and waits for what comes of it.
    func answer(
        _ url: String,
        method: HTTPStepRequest.Method = .get,
        headers: [HTTPStepRequest.Header] = [],
        body: String? = nil,
        timeout: Interval = .seconds(20)
    ) throws -> Delivery {
        let deliveries = Deliveries()
        try ask(
            url,
            method: method,
            headers: headers,
            body: body,
            timeout: timeout,
            deliveries
        )
        #expect(deliveries.wait())
        return try #require(deliveries.all.first)
    }
}
