import Gateway
import Primitives
import Testing

@Suite("Where and how a target is probed")
struct ProbeDestinationTests {
    private func text(_ uri: String) -> String? {
        guard let destination = ProbeDestination(uri: Array(uri.utf8)) else { return nil }
        let means =
            switch destination.means {
            case .optionsOverUDP: "udp"
            case .optionsOverTCP: "tcp"
            case .handshake: "connect"
            }
        let host =
            switch destination.host {
            case .address(let address): "address \(address)"
            case .name(let name): "name \(name)"
            }
        return "\(means) \(host) \(destination.port)"
    }

    @Test(
        "schemes, transports, hosts and ports",
        arguments: zip(
            [
                "sip:a@Agents.Example.com", "sip:192.0.2.1:5070;transport=udp",
                "sip:a@b.example;transport=TCP", "sip:a@[2001:db8::1]:5090;transport=tcp?X-A=1",
                "sip:a@b.example;transport=tls", "sips:a@b.example", "sips:a@b.example:5081",
                "wss://b.example/s?a=1", "wss://[2001:db8::1]:8443", "https://192.0.2.1:8443/x:1",
                "HTTPS://b.example?x", "sip:a@b.example;lr",
            ],
            [
                "udp name agents.example.com 5060", "udp address 192.0.2.1 5070",
                "tcp name b.example 5060", "tcp address 2001:db8::1 5090",
                "connect name b.example 5061", "connect name b.example 5061",
                "connect name b.example 5081", "connect name b.example 443",
                "connect address 2001:db8::1 8443", "connect address 192.0.2.1 8443",
                "connect name b.example 443", "udp name b.example 5060",
            ]
        )
    )
    func destinations(uri: String, expected: String) {
        #expect(text(uri) == expected)
    }

    @Test(
        "what cannot be probed",
        arguments: [
            "tel:+14155550100", "+14155550100", "sip:a@b.example;transport=sctp",
            "sip:a@b.example;transport=ws", "mailto:a@b.example", "", "sip:", "wss:", "wss://",
            "wss://:443", "https://b.example:0", "https://b.example:65536", "https://b.example:x",
            "https://[::1", "https://[x]", "https:/b.example", "sip",
        ]
    )
    func none(uri: String) {
        #expect(text(uri) == nil)
    }
}
