import Primitives

/// What a definition is checked against when it is saved: the world around it, as its reader sees
/// it.
package struct WorkflowSurroundings {
    /// Whether an agent of the organization can take calls; nil: agents are not checked.
    package var agentStanding: ((_ id: String) -> AgentStanding)?
    /// Hosts that HTTP steps may ask, in the forms of `HostAllowList`.
    ///
    /// Nil: hosts are not checked here; whoever sends the request checks them in any case.
    package var allowedHosts: [String]?
    /// The octets of a TZif file (RFC 8536) by the IANA name of its zone, or nil when there is
    /// none.
    package var timeZoneFile: (_ name: String) -> [UInt8]?
    /// Lists of the organization beside those in the definition; nil: lists are not checked.
    package var lists: Set<String>?
    /// Whether an agent answers when the workflow fails.
    package var hasFallbackAgent: Bool

    package init(
        agentStanding: ((_ id: String) -> AgentStanding)? = nil,
        allowedHosts: [String]? = [],
        lists: Set<String>? = [],
        hasFallbackAgent: Bool = true,
        timeZoneFile: @escaping (_ name: String) -> [UInt8]?
    ) {
        self.agentStanding = agentStanding
        self.allowedHosts = allowedHosts
        self.lists = lists
        self.hasFallbackAgent = hasFallbackAgent
        self.timeZoneFile = timeZoneFile
    }

    package enum AgentStanding: Sendable {
        case usable
        /// Known, but inactive or without a published version.
        case unusable
        case unknown
    }
}

/// The hosts that the operator lets HTTP steps ask; the check is the same when saved and when sent.
package struct HostAllowList: Sendable {
    private let entries: [Entry]

    /// Reads `host`, `host:port` and `*.domain[:port]`; an entry without port means 443 and 80.
    package init(_ texts: [String]) {
        entries = texts.map { text in
            var host = text.lowercased()
            var port: Int?
            let bytes = Array(host.utf8)
            if let colon = bytes.lastIndex(of: ASCII.colon), bytes.last != 0x5D,
                let number = bytes.span.extracting((colon + 1)..<bytes.count).decimal(limit: 65_535)
            {
                port = number
                host = String(decoding: bytes[..<colon], as: UTF8.self)
            }
            let isWildcard = host.hasPrefix("*.")
            return Entry(
                host: isWildcard ? String(host.dropFirst()) : host,
                port: port,
                isWildcard: isWildcard
            )
        }
    }

    package func allows(host: String, port: Int) -> Bool {
        let host = host.lowercased()
        return entries.contains { entry in
            let isHost =
                entry.isWildcard
                ? host.hasSuffix(entry.host) && host.utf8.count > entry.host.utf8.count
                : host == entry.host
            return isHost && (entry.port.map { $0 == port } ?? (port == 443 || port == 80))
        }
    }

    private struct Entry: Sendable {
        var host: String
        var port: Int?
        var isWildcard: Bool
    }
}
