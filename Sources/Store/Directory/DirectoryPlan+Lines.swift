import Primitives
import Routing

extension DirectoryPlan.Entry {
    /// `~ number +14155550100 of acme: label "Desk" → "Front desk"`.
    package var line: String {
        let head = "\(action.rawValue) \(subject)"
        guard !fields.isEmpty else { return head }
        let details = fields.map { field in
            guard field.isShown else { return "\(field.name) changed" }
            return "\(field.name) \(field.before ?? "none") → \(field.after ?? "none")"
        }
        return head + ": " + details.joined(separator: ", ")
    }

    private var subject: String {
        switch change {
        case .putOrganization(let row): "organization \(row.id)"
        case .putAgent(let row): "agent \(row.id) of \(row.organizationID)"
        case .putTrunk(let row): "trunk \(row.id) of \(row.organizationID)"
        case .putCredential(let row): "credential \(row.id) of \(row.organizationID)"
        case .putRouting(let row): "inbound routing of \(row.organizationID)"
        case .putNumber(let row): "number \(row.number.e164) of \(row.organizationID)"
        case .deleteNumber(let number): "number \(number.e164)"
        case .deleteRouting(let organization): "inbound routing of \(organization)"
        case .deleteCredential(let organization, let id): "credential \(id) of \(organization)"
        case .deleteTrunk(let organization, let id): "trunk \(id) of \(organization)"
        case .deleteAgent(let organization, let id): "agent \(id) of \(organization)"
        case .deleteOrganization(let id): "organization \(id)"
        }
    }
}

/// A named part of a row as a plan prints it.
struct Field {
    let name: String
    let value: String?
    var isShown = true

    private init(_ name: String, _ value: String?, isShown: Bool = true) {
        self.name = name
        self.value = value
        self.isShown = isShown
    }

    static func changes(from old: [Field], to new: [Field]) -> [DirectoryPlan.FieldChange] {
        var before: [String: Field] = [:]
        for field in old { before[field.name] = field }
        var changes: [DirectoryPlan.FieldChange] = []
        for field in new {
            let was = before.removeValue(forKey: field.name)?.value
            guard was != field.value else { continue }
            changes.append(
                DirectoryPlan.FieldChange(
                    name: field.name,
                    before: field.isShown ? was : nil,
                    after: field.isShown ? field.value : nil,
                    isShown: field.isShown
                )
            )
        }
        for field in old where before[field.name] != nil && field.value != nil {
            changes.append(
                DirectoryPlan.FieldChange(
                    name: field.name,
                    before: field.isShown ? field.value : nil,
                    after: nil,
                    isShown: field.isShown
                )
            )
        }
        return changes
    }

    static func of(_ row: Organization) -> [Field] { [Field("name", quoted(row.name))] }

    static func of(_ row: Agent) -> [Field] {
        let versions = row.versions.map { version in
            let targets = version.targets.map { target in
                "\(quoted(target.uri)) (priority \(target.priority), weight \(target.weight))"
            }
            let state = version.isPublished ? "" : "draft "
            return Field(
                "version \(version.number)",
                "\(state)[\(targets.joined(separator: ", "))]"
            )
        }
        return [Field("name", quoted(row.name)), Field("active", "\(row.isActive)")] + versions
    }

    static func of(_ row: Trunk) -> [Field] {
        let inbound = row.inbound
        let refusals = inbound.refusalStatus.map { "\($0.rawValue): \($1)" }.sorted()
        let mode = inbound.answerMode.rejectStatus.map { "reject \($0)" } ?? "redirect"
        return [
            Field("name", quoted(row.name)),
            Field("allowed_addresses", "[\(inbound.allowedAddresses.joined(separator: ", "))]"),
            Field("number_source", quoted(inbound.numberSource.text)),
            Field("default_country", inbound.defaultCountry),
            Field("answer_mode", mode),
            Field("refusals", "{\(refusals.joined(separator: ", "))}"),
            Field("trust_identity", "\(inbound.trustsIdentity)"),
            Field("embedded_headers", "\(inbound.followsEmbeddedHeaders)"),
            Field("allow_private_targets", "\(inbound.allowsPrivateTargets)"),
        ]
    }

    static func of(_ row: Credential) -> [Field] {
        let tokens = row.authTokens.map { "\($0.bytes)" }.joined()
        let keys = row.sharedKeys.map { "\($0.id) \($0.secret.bytes)" }.joined()
        return [
            Field("provider", row.provider.rawValue), Field("account_sid", quoted(row.accountSID)),
            Field("label", quoted(row.label)), Field("auth_tokens", tokens, isShown: false),
            Field("shared_keys", keys, isShown: false),
        ]
    }

    static func of(_ row: InboundRouting) -> [Field] {
        [
            Field("enabled", "\(row.isEnabled)"),
            Field("workflow_definition", row.workflowDefinition, isShown: false),
            Field("fallback_agent", row.fallbackAgentID),
            Field("default_agent", row.defaultAgentID),
            Field("timeout_ms", "\(row.timeoutMilliseconds)"),
        ]
    }

    static func of(_ row: NumberAssignment) -> [Field] {
        let trialEnds = row.trialEnds.map { time in
            var buffer = ByteBuffer()
            buffer.appendTimestamp(time)
            return buffer.text
        }
        return [
            Field("organization", row.organizationID), Field("trunk", row.trunkID),
            Field("credential", row.credentialID), Field("inbound_agent", row.inboundAgentID),
            Field("inbound_version", row.inboundVersion.map { "\($0)" }),
            Field("label", quoted(row.label)), Field("status", row.status.text),
            Field("trial_ends", trialEnds),
            Field("dispatch_template", row.dispatchTemplate, isShown: false),
            Field("metadata", row.metadata, isShown: false),
        ]
    }

    /// Text in quotes that cannot move the cursor of a terminal or turn its direction.
    private static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars.prefix(120) {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator:
                out += "\\u{\(String(scalar.value, radix: 16))}"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}
