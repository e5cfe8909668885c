import Authentication
import Glibc
import Primitives
import Transport

/// `trunkline call`: places a test call against a running gateway and tells the exchange.
package enum TestCall {
    /// Which way the call is placed.
    package enum Door: String, Sendable, CaseIterable {
        case sipUDP = "sip-udp"
        case sipTCP = "sip-tcp"
        case twilio

        fileprivate var transport: String { self == .sipUDP ? "UDP" : "TCP" }
    }

    /// Where the call goes, and as whom.
    package struct Plan {
        package var to: String
        package var from: String
        package var door: Door
        var server: IPEndpoint
        /// For the Twilio door: the account, its token, and the URL that the gateway calls itself.
        var accountSID: String
        var token: String
        package var publicURL: String

        package init(
            to: String,
            from: String,
            door: Door,
            server: String,
            accountSID: String,
            token: String,
            publicURL: String
        ) throws {
            do throws(QuestionFault) {
                try CallQuestion.check(to, as: "--to")
                try CallQuestion.check(from, as: "--from")
            } catch {
                throw UsageError("\(error)")
            }
            self.to = to
            self.from = from
            self.door = door
            self.server = try Self.endpoint(server)
            self.accountSID = accountSID
            self.token = token
            self.publicURL = publicURL
        }

        /// An address with a port, or a name with one.
        private static func endpoint(_ server: String) throws -> IPEndpoint {
            if let endpoint = IPEndpoint(server) { return endpoint }
            let parts = server.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, let port = UInt16(parts[1]) else {
                throw UsageError(
                    "\(server) is neither an address nor a name with a port; write 127.0.0.1:5060"
                )
            }
            let found = HostNames.resolve(String(parts[0])).found
            // Listeners are IPv4 unless told otherwise, and `localhost` begins with ::1.
            guard let address = found.first(where: \.isIPv4) ?? found.first else {
                throw CommandError("no address of \(parts[0]) is found; write the address itself")
            }
            return IPEndpoint(address: address, port: port)
        }
    }

    /// Sends the call, tells each message, and says whether the answer gives it to an agent.
    package static func place(_ plan: Plan, tell: (String) -> Void) throws -> Bool {
        do {
            switch plan.door {
            case .sipUDP, .sipTCP: return try invite(plan, tell)
            case .twilio: return try post(plan, tell)
            }
        } catch let error as SystemError where error.code == ECONNREFUSED {
            throw CommandError(
                "nobody listens at \(plan.server) by \(plan.door.transport): is the gateway running, "
                    + "and is this one of its listeners?"
            )
        }
    }

    /// The same, told as one JSON object: `{"answered": …, "exchange": ["INVITE …", "SIP/2.0 302 …", …]}`.
    package static func placeTellingJSON(_ plan: Plan, tell: (String) -> Void) throws -> Bool {
        var exchange: [String] = []
        let isAnswered = try place(plan) { exchange.append($0) }
        var out = ByteBuffer()
        out.append("{")
        out.appendJSON("answered", isAnswered)
        out.appendJSON("exchange", exchange)
        out.append("}")
        tell(out.text)
        return isAnswered
    }

    private static func invite(_ plan: Plan, _ tell: (String) -> Void) throws -> Bool {
        let kind: BoundSocket.Kind = plan.door == .sipUDP ? .datagram : .stream
        let socket = try ClientSocket(
            connecting: plan.server,
            kind: kind,
            timeoutMilliseconds: 5_000
        )
        let names = Names(plan, local: socket.local)
        let request = names.request("INVITE", toTag: "")
        tell(request)
        try socket.send(Array(request.utf8))
        var answer = ""
        repeat {
            let bytes = try received(socket)
            guard let bytes else {
                throw CommandError(
                    "no answer within 5 s; by SIP a source that no trunk's allowed_addresses hold gets "
                        + "silence (sip.unknown_source)"
                )
            }
            answer = String(decoding: bytes, as: UTF8.self)
            guard answer.hasPrefix("SIP/2.0 ") else { throw foreign(answer, plan) }
            tell(answer)
        } while answer.hasPrefix("SIP/2.0 1")
        // RFC 3261 §17.1.1.3: the ACK of a rejection has the branch of its INVITE and the To tag of
        // the answer.
        let acknowledgement = names.request("ACK", toTag: toTag(of: answer))
        tell(acknowledgement)
        try socket.send(Array(acknowledgement.utf8))
        return answer.hasPrefix("SIP/2.0 302")
    }

    /// Nil when nothing came in time; empty at the end of the stream.
    private static func received(_ socket: ClientSocket) throws -> [UInt8]? {
        do {
            return try socket.receive()
        } catch let error where error.code == EAGAIN {
            return nil
        }
    }

    /// Something else than a gateway listens there.
    private static func foreign(_ answer: String, _ plan: Plan) -> CommandError {
        let name = plan.door == .twilio ? "HTTP" : "SIP"
        let line = answer.prefix { !$0.isNewline }.prefix(80)
        let came =
            answer.isEmpty
            ? "there is no answer" : "\"\(Terminal.printable(String(line)))\" is no \(name) answer"
        return CommandError(
            "\(came): is \(plan.server) a listener with the protocol \"\(name.lowercased())\"?"
        )
    }

    private static func toTag(of answer: String) -> String {
        for line in answer.split(whereSeparator: \.isNewline)
        where line.lowercased().hasPrefix("to:") {
            guard let range = line.firstRange(of: ";tag=") else { continue }
            return String(line[range.upperBound...].prefix { $0 != ";" })
        }
        return ""
    }

    private struct Names {
        let plan: Plan
        let local: IPEndpoint
        let branch = Hex.encode(Randomness.bytes(8).span)
        let callID = Hex.encode(Randomness.bytes(8).span)

        init(_ plan: Plan, local: IPEndpoint) {
            self.plan = plan
            self.local = local
        }

        func request(_ method: String, toTag: String) -> String {
            let transport = plan.door.transport
            let target = "sip:\(plan.to.sipUser)@\(plan.server)"
            let to = toTag.isEmpty ? "<\(target)>" : "<\(target)>;tag=\(toTag)"
            return "\(method) \(target) SIP/2.0\r\n"
                + "Via: SIP/2.0/\(transport) \(local);branch=z9hG4bK\(branch);rport\r\n"
                + "Max-Forwards: 70\r\nFrom: <sip:\(plan.from.sipUser)@\(local)>;tag=\(callID)\r\nTo: \(to)\r\n"
                + "Call-ID: \(callID)\r\nCSeq: 1 \(method)\r\nContact: <sip:test@\(local)>\r\n"
                + "Content-Length: 0\r\n\r\n"
        }
    }

    private static func post(_ plan: Plan, _ tell: (String) -> Void) throws -> Bool {
        let socket = try ClientSocket(
            connecting: plan.server,
            kind: .stream,
            timeoutMilliseconds: 5_000
        )
        let request = try webhook(plan)
        tell(request + "\n\n")
        try socket.send(Array(request.utf8))
        var answer = ""
        while let bytes = try received(socket), !bytes.isEmpty {
            answer += String(decoding: bytes, as: UTF8.self)
            guard answer.hasPrefix("HTTP/1.") else { break }
        }
        guard answer.hasPrefix("HTTP/1.") else { throw foreign(answer, plan) }
        tell(answer)
        return answer.hasPrefix("HTTP/1.1 200") && !answer.contains("<Reject")
    }

    private static func webhook(_ plan: Plan) throws -> String {
        let parameters = [
            ("AccountSid", plan.accountSID), ("ApiVersion", "2010-04-01"),
            ("CallSid", "CA" + Hex.encode(Randomness.bytes(16).span)), ("CallStatus", "ringing"),
            ("Called", plan.to), ("Caller", plan.from), ("Direction", "inbound"),
            ("From", plan.from), ("To", plan.to),
        ]
        let path = "/telephony/inbound/twilio"
        let base =
            plan.publicURL.hasSuffix("/") ? String(plan.publicURL.dropLast()) : plan.publicURL
        let diagnosis = try SignatureDiagnosis(
            SignatureQuestion(
                url: base + path,
                key: Secret(plan.token),
                parameters: parameters.map { SignatureQuestion.Parameter(name: $0.0, value: $0.1) }
            )
        )
        var body = ByteBuffer()
        for (index, parameter) in parameters.enumerated() {
            if index > 0 { body.append("&") }
            body.append(parameter.0)
            body.append("=")
            body.appendPercentEncoded(Array(parameter.1.utf8).span)
        }
        return "POST \(path) HTTP/1.1\r\nHost: \(plan.server)\r\n"
            + "X-Twilio-Signature: \(diagnosis.forms.first?.signature ?? "")\r\n"
            + "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
            + "Content-Length: \(body.count)\r\nConnection: close\r\n\r\n" + body.text
    }
}
