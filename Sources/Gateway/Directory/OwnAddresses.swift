import Authentication
import Primitives
import SIP

/// The addresses at which this gateway takes calls itself: a target there would bring each call back.
///
/// A listener on all addresses of the host is known only by the name of `public_url`.
package struct OwnAddresses: Sendable {
    /// `192.0.2.1:5060`, `[2001:db8::1]:5060`, `gw.example.com:5060`.
    private var sip: Set<String> = []
    /// `https://gw.example.com/telephony/`, with and without the usual port.
    private var webhooks: [String] = []

    /// No address at all.
    package static let none = OwnAddresses()

    private init() {}

    package init(_ configuration: Configuration) {
        let publicURL = try? PublicURL(parsing: configuration.publicURL)
        for listener in configuration.listeners
        where listener.transport != .http && listener.address.port != 0 {
            if !listener.address.address.isUnspecified { sip.insert("\(listener.address)") }
            if let host = publicURL?.host {
                sip.insert("\(host.lowercased()):\(listener.address.port)")
            }
        }
        guard let publicURL else { return }
        let scheme = publicURL.isSecure ? "https" : "http"
        let usualPort: UInt16 = publicURL.isSecure ? 443 : 80
        let path = publicURL.pathPrefix + "/telephony/"
        let host = publicURL.host.lowercased()
        webhooks.append("\(scheme)://\(host):\(publicURL.port ?? usualPort)\(path)")
        if publicURL.port ?? usualPort == usualPort {
            webhooks.append("\(scheme)://\(host)\(path)")
        }
    }

    /// Whether a target that is well formed leads back here.
    package func contain(_ target: String) -> Bool {
        let bytes = Array(target.utf8)
        guard let uri = SIPURI(ByteSlice(0..<bytes.count), in: bytes.span) else { return false }
        switch uri.scheme {
        case .tel: return false
        case .other: return webhooks.contains { target.lowercased().hasPrefix($0) }
        case .sip, .sips:
            let transport = uri.parameter("transport", in: bytes.span)?.value ?? .empty
            let isSecure = uri.scheme == .sips || bytes.span.text(transport).lowercased() == "tls"
            // RFC 3261 §19.1.2: the port that a URI without one means.
            let port = uri.port ?? (isSecure ? 5_061 : 5_060)
            let place = "\(bytes.span.text(uri.host).lowercased()):\(port)"
            return sip.contains(IPEndpoint(place).map { "\($0)" } ?? place)
        }
    }
}
