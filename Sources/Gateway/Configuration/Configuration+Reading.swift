import Authentication
import Primitives
import Routing

extension Configuration {
    /// Reads the text of a configuration file; every problem goes to `problems`, and then it is nil.
    ///
    /// With `checkingHost` what this host does not have is a problem too.
    package static func read(
        _ bytes: [UInt8],
        problems: Problems,
        checkingHost: Bool = false
    ) -> Configuration? {
        guard let document = JSON5Document.read(bytes, problems: problems) else {
            return nil
        }
        let configuration = document.object { file in
            let configuration = Configuration(reading: file)
            if checkingHost, problems.isEmpty { configuration.checkHost(file) }
            return configuration
        }
        return problems.isEmpty ? configuration : nil
    }

    private init(reading file: JSON5Object) {
        self.init()
        stateDirectory = file.place("state_directory") ?? stateDirectory
        keyFile = file.place("key_file") ?? keyFile
        loops = file.integer("loops", in: 0...64) ?? loops
        readPublicURL(file)
        readListeners(file)
        file.object("sip") { sip.read($0) }
        file.object("http") { http.read($0) }
        file.object("twilio") { twilio.read($0) }
        file.object("workflow") { workflow.read($0) }
        file.object("records") { records.read($0) }
        file.object("store") { store.read($0) }
        file.object("log") { log.read($0) }
        file.object("drain") { drain.read($0) }
        file.object("probes") { probes.read($0) }
        let hasPublicHTTP = listeners.contains {
            $0.transport == .http && $0.serves.contains(.calls) && !$0.address.address.isLoopback
        }
        if publicURL.isEmpty, hasPublicHTTP {
            file.report(
                "public_url is missing: a listener beyond loopback serves webhooks, and their "
                    + "signatures are checked against the URL that the carrier was given; write "
                    + "public_url: \"https://gw.example.com\""
            )
        }
    }

    private mutating func readPublicURL(_ file: JSON5Object) {
        guard let node = file.node("public_url"), let text = node.string(bytesMax: 1_024) else {
            return
        }
        do {
            _ = try PublicURL(parsing: text)
            publicURL = text
        } catch {
            node.report("\(error)")
        }
    }

    private mutating func readListeners(_ file: JSON5Object) {
        guard let list = file.node("listeners") else { return }
        if case .array(let elements) = list.value.kind, elements.isEmpty {
            list.report("nothing would be listened on; write a listener, or leave the key out")
        }
        let nodes = list.elements(countMax: 64)
        let read = nodes.map { node in node.object { Listener(reading: $0) } ?? nil }
        listeners = read.compactMap(\.self)
        reportTwins(among: Array(zip(nodes, read)))
        let streams = listeners.filter { $0.transport == .sipTCP }.map(\.address)
        for (node, listener) in zip(nodes, read) {
            guard let listener, listener.transport == .sipUDP, !streams.contains(listener.address)
            else { continue }
            // RFC 3261 §18.2.1: a server that takes datagrams takes streams at the same address.
            node.warn(
                "requests that are too large for a datagram come over TCP, and no listener takes "
                    + "them at this address; add { protocol: \"sip\", transport: \"tcp\", "
                    + "address: \"\(listener.address)\" }"
            )
        }
    }

    /// An address is bound once for each transport; HTTP and SIP over TCP are one transport.
    private func reportTwins(among read: [(node: JSON5Node, listener: Listener?)]) {
        for (index, (node, listener)) in read.enumerated() {
            guard let listener, listener.address.port != 0 else { continue }
            let first = read.firstIndex { _, other in
                other?.address == listener.address
                    && (other?.transport == .sipUDP) == (listener.transport == .sipUDP)
            }
            guard let first, first < index else { continue }
            node.report(
                "\(listener.address) is taken by listeners[\(first)]; write another port, or remove "
                    + "one of the two"
            )
        }
    }
}

extension Configuration.Listener {
    init?(reading object: JSON5Object) {
        let isHTTP = object.choice("protocol", of: ["sip": false, "http": true])
        let isUDP = object.choice("transport", of: ["udp": true, "tcp": false])
        if isHTTP == nil, !object.has("protocol") {
            object.report("protocol is missing; write protocol: \"sip\" or \"http\"")
        }
        if isHTTP == false, !object.has("transport") {
            object.report("transport is missing; write transport: \"udp\" or \"tcp\"")
        }
        if isHTTP == true, isUDP == true {
            object.report("HTTP is served over TCP; leave transport out", key: "transport")
        }
        let services = Self.services(object)
        guard let node = object.required("address", example: "\"127.0.0.1:5060\""),
            let text = node.string(bytesMax: 64)
        else { return nil }
        guard let address = IPEndpoint(text) else {
            node.report(
                "\(Wording.quoted(text)) is not an IP address with a port; write "
                    + "\"127.0.0.1:5060\" or \"[::1]:5060\""
            )
            return nil
        }
        guard let isHTTP else { return nil }
        self.init(
            transport: isHTTP ? .http : isUDP == true ? .sipUDP : .sipTCP,
            address: address,
            serves: services
        )
    }

    private static func services(_ object: JSON5Object) -> Services {
        guard object.has("serves") else { return .all }
        var services: Services = []
        for node in object.elements("serves") {
            let known: KeyValuePairs<String, Services> = [
                "calls": .calls, "management": .management, "operations": .operations,
            ]
            services.formUnion(node.choice(of: known) ?? [])
        }
        return services
    }
}

extension Configuration.SIP {
    mutating func read(_ object: JSON5Object) {
        unknownSource =
            object.choice("unknown_source", of: ["drop": .drop, "reject": .reject]) ?? unknownSource
        t1 = object.interval("t1", in: .milliseconds(10)...(.seconds(5))) ?? t1
        t2 = object.interval("t2", in: .milliseconds(10)...(.seconds(60))) ?? t2
        t4 = object.interval("t4", in: .milliseconds(10)...(.seconds(60))) ?? t4
        streamIdle =
            object.interval("stream_idle", in: .seconds(1)...(.seconds(86_400))) ?? streamIdle
        connectionsPerAddress =
            object.integer("connections_per_address", in: 1...1_000_000) ?? connectionsPerAddress
        openTransactions =
            object.integer("open_transactions", in: 64...1_000_000) ?? openTransactions
    }
}

extension Configuration.HTTP {
    mutating func read(_ object: JSON5Object) {
        trustedProxies = object.elements("trusted_proxies", countMax: 256).compactMap {
            (node) -> String? in
            guard let text = node.string(bytesMax: 64) else { return nil }
            do {
                _ = try AddressPrefix(text)
                return text
            } catch {
                node.report("\(error)")
                return nil
            }
        }
        connectionsPerAddress =
            object.integer("connections_per_address", in: 1...1_000_000) ?? connectionsPerAddress
        let range = Interval.milliseconds(100)...Interval.seconds(3_600)
        headTimeout = object.interval("head_timeout", in: range) ?? headTimeout
        bodyTimeout = object.interval("body_timeout", in: range) ?? bodyTimeout
        idleTimeout = object.interval("idle_timeout", in: range) ?? idleTimeout
    }
}

extension Configuration.Twilio {
    mutating func read(_ object: JSON5Object) {
        dialTimeoutSeconds = object.integer("dial_timeout", in: 1...600) ?? dialTimeoutSeconds
    }
}

extension Configuration.Workflow {
    mutating func read(_ object: JSON5Object) {
        allowedHosts = object.elements("allowed_hosts", countMax: 1_000).compactMap {
            (node) -> String? in
            guard let text = node.string(bytesMax: 1_024) else { return nil }
            do {
                _ = try AllowedHost(parsing: text)
                return text
            } catch {
                node.report("\(Wording.quoted(text)) \(error)")
                return nil
            }
        }
        waitingCalls = object.integer("waiting_calls", in: 1...1_000_000) ?? waitingCalls
        waitingCallsPerOrganization =
            object.integer("waiting_calls_per_organization", in: 1...1_000_000)
            ?? min(waitingCallsPerOrganization, waitingCalls)
        if waitingCallsPerOrganization > waitingCalls {
            object.report(
                "one organization cannot have more calls waiting than all together; write at most"
                    + " \(waitingCalls), or raise waiting_calls",
                key: "waiting_calls_per_organization"
            )
        }
        connectionsPerHost =
            object.integer("connections_per_host", in: 1...10_000) ?? connectionsPerHost
        object.object("circuit_breaker") { breaker in
            circuitBreaker.failures =
                breaker.integer("failures", in: 1...1_000) ?? circuitBreaker.failures
            circuitBreaker.pause =
                breaker.interval("pause", in: .milliseconds(100)...(.seconds(3_600)))
                ?? circuitBreaker.pause
        }
    }
}

extension Configuration.Records {
    mutating func read(_ object: JSON5Object) {
        directory = object.place("directory") ?? directory
        sync = object.interval("sync", in: .milliseconds(10)...(.seconds(1))) ?? sync
        rotateBytes = object.integer("rotate_bytes", in: 4_096...(1 << 40)) ?? rotateBytes
        keepFiles = object.integer("keep_files", in: 1...100_000) ?? keepFiles
        explain =
            object.choice(
                "explain",
                of: ["never": .never, "failures": .failures, "always": .always]
            ) ?? explain
    }
}

extension Configuration.Store {
    mutating func read(_ object: JSON5Object) {
        guard let node = object.node("url"), let text = node.string(bytesMax: 1_024) else { return }
        guard text.hasPrefix("sqlite:"), text.utf8.count > 7 else {
            node.report(
                "\(Wording.quoted(text)) names no store that this version has; write "
                    + "\"sqlite:directory.sqlite\""
            )
            return
        }
        url = text
    }
}

extension Configuration.Logging {
    mutating func read(_ object: JSON5Object) {
        level =
            object.choice(
                "level",
                of: ["error": .error, "warning": .warning, "info": .info, "debug": .debug]
            ) ?? level
        let formats: KeyValuePairs<String, Log.Format?> = [
            "auto": nil, "logfmt": .logfmt, "json": .json,
        ]
        format = object.choice("format", of: formats) ?? format
        calls = object.bool("calls") ?? calls
    }
}

extension Configuration.Drain {
    mutating func read(_ object: JSON5Object) {
        timeout = object.interval("timeout", in: .milliseconds(100)...(.seconds(600))) ?? timeout
        retryAfterSeconds = object.integer("retry_after", in: 1...3_600) ?? retryAfterSeconds
    }
}

extension Configuration.Probes {
    mutating func read(_ object: JSON5Object) {
        isEnabled = object.bool("enabled") ?? isEnabled
        interval =
            object.interval("interval", in: .milliseconds(100)...(.seconds(3_600))) ?? interval
        timeout = object.interval("timeout", in: .milliseconds(50)...(.seconds(30))) ?? timeout
        downAfter = object.integer("down_after", in: 1...100) ?? downAfter
        upAfter = object.integer("up_after", in: 1...100) ?? upAfter
        perSecond = object.integer("per_second", in: 1...100_000) ?? perSecond
        verifiesCertificates = object.bool("verify_certificates") ?? verifiesCertificates
    }
}
