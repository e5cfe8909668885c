import Primitives
import Routing

/// A row of the directory as a plan compares it: what names it, what is told of a change, and what
/// writes or deletes it.
protocol PlannedRow: Equatable {
    associatedtype Key: Hashable

    var planKey: Key { get }
    var fields: [Field] { get }
    var writing: DirectoryChange { get }
    var deletion: DirectoryChange { get }
}

extension Organization: PlannedRow {
    var planKey: String { id }
    var writing: DirectoryChange { .putOrganization(self) }
    var deletion: DirectoryChange { .deleteOrganization(id: id) }
    var fields: [Field] { [Field("name", Field.quoted(name))] }
}

extension Agent: PlannedRow {
    var planKey: OwnedID { OwnedID(organizationID, id) }
    var writing: DirectoryChange { .putAgent(self) }
    var deletion: DirectoryChange { .deleteAgent(organizationID: organizationID, id: id) }

    var fields: [Field] {
        let versions = versions.map { version in
            let targets = version.targets.map { target in
                "\(Field.quoted(target.uri)) (priority \(target.priority), weight \(target.weight))"
            }
            let state = version.isPublished ? "" : "draft "
            return Field(
                "version \(version.number)",
                "\(state)[\(targets.joined(separator: ", "))]"
            )
        }
        return [Field("name", Field.quoted(name)), Field("active", "\(isActive)")] + versions
    }
}

extension Trunk: PlannedRow {
    var planKey: OwnedID { OwnedID(organizationID, id) }
    var writing: DirectoryChange { .putTrunk(self) }
    var deletion: DirectoryChange { .deleteTrunk(organizationID: organizationID, id: id) }

    var fields: [Field] {
        let refusals = inbound.refusalStatus.map { "\($0.rawValue): \($1)" }.sorted()
        let mode = inbound.answerMode.rejectStatus.map { "reject \($0)" } ?? "redirect"
        return [
            Field("name", Field.quoted(name)),
            Field("allowed_addresses", "[\(inbound.allowedAddresses.joined(separator: ", "))]"),
            Field("number_source", Field.quoted(inbound.numberSource.text)),
            Field("default_country", inbound.defaultCountry),
            Field("answer_mode", mode),
            Field("refusals", "{\(refusals.joined(separator: ", "))}"),
            Field("trust_identity", "\(inbound.trustsIdentity)"),
            Field("embedded_headers", "\(inbound.followsEmbeddedHeaders)"),
            Field("allow_private_targets", "\(inbound.allowsPrivateTargets)"),
        ]
    }
}

extension Credential: PlannedRow {
    var planKey: OwnedID { OwnedID(organizationID, id) }
    var writing: DirectoryChange { .putCredential(self) }
    var deletion: DirectoryChange { .deleteCredential(organizationID: organizationID, id: id) }

    var fields: [Field] {
        let tokens = authTokens.map { "\($0.bytes)" }.joined()
        let keys = sharedKeys.map { "\($0.id) \($0.secret.bytes)" }.joined()
        return [
            Field("provider", provider.rawValue),
            Field("account_sid", Field.quoted(accountSID)),
            Field("label", Field.quoted(label)),
            Field("auth_tokens", tokens, isShown: false),
            Field("shared_keys", keys, isShown: false),
        ]
    }
}

extension InboundRouting: PlannedRow {
    var planKey: String { organizationID }
    var writing: DirectoryChange { .putRouting(self) }
    var deletion: DirectoryChange { .deleteRouting(organizationID: organizationID) }

    var fields: [Field] {
        [
            Field("enabled", "\(isEnabled)"),
            Field("workflow_definition", workflowDefinition, isShown: false),
            Field("fallback_agent", fallbackAgentID),
            Field("default_agent", defaultAgentID),
            Field("timeout_ms", "\(timeoutMilliseconds)"),
        ]
    }
}

extension NumberAssignment: PlannedRow {
    var planKey: PhoneNumber { number }
    var writing: DirectoryChange { .putNumber(self) }
    var deletion: DirectoryChange { .deleteNumber(number) }

    var fields: [Field] {
        [
            Field("organization", organizationID), Field("trunk", trunkID),
            Field("credential", credentialID), Field("inbound_agent", inboundAgentID),
            Field("inbound_version", inboundVersion.map { "\($0)" }),
            Field("label", Field.quoted(label)), Field("status", status.text),
            Field("trial_ends", trialEnds.map { $0.text() }),
            Field("dispatch_template", dispatchTemplate, isShown: false),
            Field("metadata", metadata, isShown: false),
        ]
    }
}
