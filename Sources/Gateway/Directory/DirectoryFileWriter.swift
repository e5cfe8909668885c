import Primitives
import Routing

/// Writes a directory as a file that can be applied again; secrets are left out.
struct DirectoryFileWriter {
    private(set) var buffer = ByteBuffer()

    mutating func write(_ contents: DirectoryContents) {
        let agents = Dictionary(grouping: contents.agents, by: \.organizationID)
        let trunks = Dictionary(grouping: contents.trunks, by: \.organizationID)
        let credentials = Dictionary(grouping: contents.credentials, by: \.organizationID)
        let numbers = Dictionary(grouping: contents.numbers, by: \.organizationID)
        let routings = Dictionary(grouping: contents.routings, by: \.organizationID)
        buffer.append(
            "// The directory of trunkline. Secrets are left out: a credential keeps its own.\n"
        )
        buffer.append("{\n  organizations: [\n")
        for organization in contents.organizations {
            buffer.append("    {\n      id: ")
            buffer.appendJSONString(organization.id)
            buffer.append(", name: ")
            buffer.appendJSONString(organization.name)
            buffer.append(",\n")
            list("agents", agents[organization.id] ?? []) { $0.write($1) }
            list("trunks", trunks[organization.id] ?? []) { $0.write($1) }
            list("credentials", credentials[organization.id] ?? []) { $0.write($1) }
            list("numbers", numbers[organization.id] ?? []) { $0.write($1) }
            for routing in routings[organization.id] ?? [] {
                buffer.append("      inbound_routing: ")
                write(routing)
                buffer.append(",\n")
            }
            buffer.append("    },\n")
        }
        buffer.append("  ],\n}\n")
    }

    private mutating func list<Row>(
        _ name: StaticString,
        _ rows: [Row],
        _ write: (inout DirectoryFileWriter, Row) -> Void
    ) {
        guard !rows.isEmpty else { return }
        buffer.append("      ")
        buffer.append(name)
        buffer.append(": [\n")
        for row in rows {
            buffer.append("        ")
            write(&self, row)
            buffer.append(",\n")
        }
        buffer.append("      ],\n")
    }

    // MARK: - Rows

    private mutating func write(_ agent: Agent) {
        var row = ObjectWriter()
        row.text("id", agent.id)
        row.text("name", agent.name)
        if !agent.isActive { row.raw("active", "false") }
        if agent.versions.count == 1, let only = agent.versions.first, only.number == 1,
            only.isPublished
        {
            row.raw("targets", Self.targets(only))
        } else {
            let versions = agent.versions.map { version in
                var object = ObjectWriter()
                object.raw("number", "\(version.number)")
                object.raw("published", "\(version.isPublished)")
                object.raw("targets", Self.targets(version))
                return object.text
            }
            row.raw("versions", "[\(versions.joined(separator: ", "))]")
        }
        buffer.append(row.text)
    }

    private static func targets(_ version: AgentVersion) -> String {
        let targets = version.targets.map { target in
            var object = ObjectWriter()
            object.text("uri", target.uri)
            object.raw("priority", "\(target.priority)")
            object.raw("weight", "\(target.weight)")
            return object.text
        }
        return "[\(targets.joined(separator: ", "))]"
    }

    private mutating func write(_ trunk: Trunk) {
        let inbound = trunk.inbound
        var settings = ObjectWriter()
        settings.texts("allowed_addresses", inbound.allowedAddresses)
        settings.text("number_source", inbound.numberSource.text)
        if let country = inbound.defaultCountry { settings.text("default_country", country) }
        switch inbound.answerMode {
        case .redirect: settings.text("answer_mode", "redirect")
        case .reject(let status): settings.raw("answer_mode", "{ reject: \(status) }")
        }
        if RefusalReason.ofCalls.contains(where: { inbound.refusalStatus[$0] != nil }) {
            var refusals = ObjectWriter()
            for reason in RefusalReason.ofCalls {
                guard let status = inbound.refusalStatus[reason] else { continue }
                refusals.raw(reason.rawValue, "\(status)")
            }
            settings.raw("refusals", refusals.text)
        }
        settings.raw("trust_identity", "\(inbound.trustsIdentity)")
        settings.raw("embedded_headers", "\(inbound.followsEmbeddedHeaders)")
        settings.raw("allow_private_targets", "\(inbound.allowsPrivateTargets)")
        var row = ObjectWriter()
        row.text("id", trunk.id)
        row.text("name", trunk.name)
        row.raw("inbound", settings.text)
        buffer.append(row.text)
    }

    private mutating func write(_ credential: Credential) {
        var row = ObjectWriter()
        row.text("id", credential.id)
        row.text("provider", credential.provider.rawValue)
        if !credential.accountSID.isEmpty { row.text("account_sid", credential.accountSID) }
        if !credential.label.isEmpty { row.text("label", credential.label) }
        buffer.append(row.text)
    }

    private mutating func write(_ number: NumberAssignment) {
        var row = ObjectWriter()
        row.text("e164", number.number.e164)
        if let trunk = number.trunkID { row.text("trunk", trunk) }
        if let credential = number.credentialID { row.text("credential", credential) }
        if let agent = number.inboundAgentID { row.text("inbound_agent", agent) }
        if let version = number.inboundVersion { row.raw("inbound_version", "\(version)") }
        if !number.label.isEmpty { row.text("label", number.label) }
        if number.status != .active { row.text("status", number.status.text) }
        if let time = number.trialEnds { row.text("trial_ends", time.text(fraction: 6)) }
        if !number.dispatchTemplate.isEmpty {
            row.raw("dispatch_template", number.dispatchTemplate)
        }
        if !number.metadata.isEmpty { row.raw("metadata", number.metadata) }
        buffer.append(row.text)
    }

    private mutating func write(_ routing: InboundRouting) {
        var row = ObjectWriter()
        row.raw("enabled", "\(routing.isEnabled)")
        if let fallback = routing.fallbackAgentID { row.text("fallback_agent", fallback) }
        if let agent = routing.defaultAgentID { row.text("default_agent", agent) }
        row.raw("timeout_ms", "\(routing.timeoutMilliseconds)")
        if !routing.workflowDefinition.isEmpty {
            row.raw("workflow_definition", routing.workflowDefinition)
        }
        buffer.append(row.text)
    }
}

/// One object of a file on one line: `{ id: "sales", name: "Sales" }`.
private struct ObjectWriter {
    private var buffer = ByteBuffer()

    var text: String { buffer.isEmpty ? "{}" : "{ \(buffer.text) }" }

    /// A value that is JSON or JSON5 already.
    mutating func raw(_ key: String, _ value: String) {
        begin(key)
        buffer.append(value)
    }

    mutating func text(_ key: String, _ value: String) {
        begin(key)
        buffer.appendJSONString(value)
    }

    mutating func texts(_ key: String, _ values: [String]) {
        begin(key)
        buffer.append("[")
        for (index, value) in values.enumerated() {
            if index > 0 { buffer.append(", ") }
            buffer.appendJSONString(value)
        }
        buffer.append("]")
    }

    private mutating func begin(_ key: String) {
        if !buffer.isEmpty { buffer.append(", ") }
        buffer.append(key)
        buffer.append(": ")
    }
}
