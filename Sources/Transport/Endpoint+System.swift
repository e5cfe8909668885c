import CLinux
import Primitives

extension IPEndpoint {
    init(_ endpoint: clinux_endpoint) {
        self.init(
            address: IPAddress(high: endpoint.high, low: endpoint.low),
            port: endpoint.port
        )
    }

    var system: clinux_endpoint {
        clinux_endpoint(high: address.high, low: address.low, port: port)
    }
}
