import Primitives

/// An OPTIONS request that asks whether a target is there (RFC 3261 §11.1), of a dialog of nobody.
package struct OptionsRequest: Sendable {
    /// The target; what stands behind a `?` in it is left out.
    package var uri: [UInt8]
    package var transport: Transport
    /// Where the request leaves from, and the answer is awaited.
    package var local: IPEndpoint
    /// A random word, another one for each request: who does not see the request cannot answer it.
    package var token: UInt64

    package enum Transport: Sendable {
        case udp, tcp
    }

    package init(uri: [UInt8], transport: Transport, local: IPEndpoint, token: UInt64) {
        self.uri = uri
        self.transport = transport
        self.local = local
        self.token = token
    }

    /// RFC 3261 §8.1.1.7: what every branch begins with.
    static let branchPrefix: StaticString = "z9hG4bK"

    /// Appends the whole request; false, and nothing is appended, when `uri` is no SIP URI.
    package func write(into out: inout ByteBuffer) -> Bool {
        let text = uri.span
        guard let target = SIPURI(ByteSlice(0..<uri.count), in: text),
            target.scheme == .sip || target.scheme == .sips
        else { return false }
        out.append("OPTIONS ")
        // RFC 3261 §19.1.1, table 1: headers have no place in a Request-URI.
        out.append(text.extracting(0..<target.parameters.upperBound))
        out.append(" SIP/2.0\r\nVia: SIP/2.0/")
        out.append(transport == .udp ? "UDP " : "TCP ")
        out.append(local)
        out.append(";branch=")
        out.append(Self.branchPrefix)
        out.appendHex(token)
        out.append(";rport\r\nMax-Forwards: 70\r\nTo: <")
        // RFC 3261 §19.1.1, table 1: neither port nor parameters in a To.
        out.append(text.extracting(0..<target.host.upperBound))
        out.append(">\r\nFrom: <sip:trunkline@")
        out.appendHost(local.address)
        out.append(">;tag=")
        out.appendHex(token, digits: 8)
        out.append("\r\nCall-ID: ")
        out.appendHex(token)
        out.append(ASCII.at)
        out.appendHost(local.address)
        out.append("\r\nCSeq: 1 OPTIONS\r\nAccept: application/sdp\r\nUser-Agent: Trunkline\r\n")
        out.append("Content-Length: 0\r\n\r\n")
        return true
    }
}
