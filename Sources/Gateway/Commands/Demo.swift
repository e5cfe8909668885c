import Glibc
import Primitives
import Routing
import Store
import Transport

/// `trunkline demo`: a gateway on loopback with a sample organization in a scratch folder, one call
/// through each door, and then it keeps serving.
package enum Demo {
    private static let number = "+14155550100"
    private static let caller = "+12125550123"
    private static let account = "AC00000000000000000000000000000000"

    /// Returns the exit code once a signal ends it; `program` is how the user has called it.
    package static func run(
        as program: String,
        tell: @escaping @Sendable (String) -> Void
    ) throws -> Int32 {
        let folder = try scratchFolder()
        defer { remove(folder) }
        var configuration = Configuration()
        configuration.stateDirectory = folder
        configuration.log.level = .warning
        // The sample's targets are names of nobody.
        configuration.probes.isEnabled = false
        configuration.listeners = configuration.listeners.map { listener in
            var listener = listener
            listener.address.port = freePort(listener.transport)
            return listener
        }
        let token = Hex.encode(Randomness.bytes(16).span)
        let file = folder + "/directory.json5"
        try File.create(file, Array(sample(token: token).utf8), mode: 0o600)
        try DirectoryCommands.apply(
            Session(configuration),
            file: file,
            isDryRun: false,
            prune: false
        ) { _ in }
        let environment = Daemon.Environment { _ in nil }
        let daemon = try Daemon(
            configuration: configuration,
            configurationFile: nil,
            environment: environment
        )
        try Threads.start("demo-calls") { [listening = daemon.listening] in
            do {
                try placeCalls(listening, token: token, as: program, tell)
            } catch {
                tell("the sample call failed: \(error)")
            }
        }
        return daemon.run()
    }

    private static func placeCalls(
        _ listening: [(listener: Configuration.Listener, address: IPEndpoint)],
        token: String,
        as program: String,
        _ tell: (String) -> Void
    ) throws {
        for (listener, address) in listening {
            let door: TestCall.Door
            switch listener.transport {
            case .sipUDP: door = .sipUDP
            case .http: door = .twilio
            case .sipTCP: continue
            }
            tell("── a call to \(number) by \(door.rawValue) at \(address)\n")
            let plan = try TestCall.Plan(
                to: number,
                from: caller,
                door: door,
                server: "\(address)",
                accountSID: account,
                token: token,
                publicURL: "http://\(address)"
            )
            let isAnswered = try TestCall.place(plan, tell: tell)
            tell("\n── \(isAnswered ? "given to the agent" : "refused")\n")
        }
        tell("Serving. Try, in another terminal:\n")
        for (listener, address) in listening {
            switch listener.transport {
            case .sipUDP:
                tell("  \(program) call --to \(number) --server \(address)")
            case .sipTCP:
                tell("  \(program) call --to \(number) --door sip-tcp --server \(address)")
            case .http:
                tell("  curl http://\(address)/metrics")
                tell(
                    "  \(program) call --to \(number) --door twilio --server \(address) "
                        + "--account \(account) --token \(token)"
                )
            }
        }
        tell("Ctrl-C ends it and removes its folder.")
    }

    /// The usual port if it is free, else one that the kernel chooses.
    private static func freePort(_ transport: Configuration.Listener.Transport) -> UInt16 {
        let usual: UInt16 = transport == .http ? 8_080 : 5_060
        let kind: BoundSocket.Kind = transport == .sipUDP ? .datagram : .stream
        let endpoint = IPEndpoint(address: .loopbackIPv4, port: usual)
        return BoundSocket.obstacle(at: endpoint, kind: kind) == nil ? usual : 0
    }

    private static func scratchFolder() throws -> String {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/trunkline-demo-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw SystemError("make a scratch folder in \(base)", code: errno)
        }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Removes the scratch folder and what the daemon has written into it.
    private static func remove(_ folder: String) {
        for path in File.contents(of: folder) where unlink(path) != 0 { remove(path) }
        rmdir(folder)
    }

    private static func sample(token: String) -> String {
        """
        {
          organizations: [{
            id: "acme", name: "Acme",
            agents: [{ id: "sales", name: "Sales", targets: [
              { uri: "sip:sales@agents.example.com;transport=tcp", priority: 1 },
              { uri: "sip:overflow@agents.example.net", priority: 2 },
            ] }],
            trunks: [{ id: "loopback", name: "This host", inbound: {
              allowed_addresses: ["127.0.0.0/8"], default_country: "US",
            } }],
            credentials: [{
              id: "twilio", provider: "twilio", account_sid: "\(account)", auth_tokens: ["\(token)"],
            }],
            numbers: [{ e164: "\(number)", inbound_agent: "sales", label: "Front desk" }],
          }],
        }
        """
    }
}
