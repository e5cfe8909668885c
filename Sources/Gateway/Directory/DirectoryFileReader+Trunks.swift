import Authentication
import Primitives
import Routing

extension DirectoryFileReader {
    mutating func readTrunks(_ organization: JSON5Object, _ owned: inout Owned) {
        var ids: Set<String> = []
        for node in organization.elements("trunks", countMax: 10_000) {
            guard let trunk = node.object({ Self.trunk($0, owned.organization, &ids) }) else {
                continue
            }
            owned.trunks[trunk.id] = trunk
            contents.trunks.append(trunk)
        }
    }

    private static func trunk(
        _ object: JSON5Object,
        _ organization: String,
        _ ids: inout Set<String>
    ) -> Trunk {
        let id = identifier(object, taken: &ids)
        return Trunk(
            organizationID: organization,
            id: id,
            name: object.string("name", bytesMax: 255) ?? id,
            inbound: object.object("inbound") { inbound($0) } ?? InboundTrunk()
        )
    }

    /// The profile's settings, and over them what the file says itself.
    private static func inbound(_ object: JSON5Object) -> InboundTrunk {
        var inbound = object.choice("profile", of: TrunkProfile.names)?.inbound ?? InboundTrunk()
        for node in object.elements("allowed_addresses", countMax: 1_024) {
            if let prefix = addressPrefix(node) { inbound.allowedAddresses.append(prefix) }
        }
        if let node = object.node("number_source"), let source = numberSource(node) {
            inbound.numberSource = source
        }
        if let node = object.node("default_country"), let country = country(node) {
            inbound.defaultCountry = country
        }
        if let node = object.node("answer_mode"), let mode = answerMode(node) {
            inbound.answerMode = mode
        }
        object.object("refusals") { refusals in
            for (key, node) in refusals.entries {
                guard let reason = refusalReason(key, of: refusals) else { continue }
                inbound.refusalStatus[reason] = node.integer(in: 400...699)
            }
        }
        inbound.trustsIdentity = object.bool("trust_identity") ?? inbound.trustsIdentity
        inbound.followsEmbeddedHeaders =
            object.bool("embedded_headers") ?? inbound.followsEmbeddedHeaders
        inbound.allowsPrivateTargets =
            object.bool("allow_private_targets") ?? inbound.allowsPrivateTargets
        return inbound
    }

    private static func addressPrefix(_ node: JSON5Node) -> String? {
        guard let text = node.string(bytesMax: 64) else { return nil }
        do throws(AddressPrefixError) {
            let prefix = try AddressPrefix(text)
            guard prefix.length > 0 else {
                node.report("this would let everybody send calls as this trunk; write its networks")
                return nil
            }
            return text
        } catch {
            node.report("\(Wording.quoted(text)): \(error)")
            return nil
        }
    }

    private static func numberSource(_ node: JSON5Node) -> NumberSource? {
        guard let text = node.string(bytesMax: 72) else { return nil }
        guard let source = NumberSource(text) else {
            let forms = ["ruri", "to", "p-called-party-id", "diversion", "header:X-Name"]
            node.report("\(Wording.quoted(text)) is no place; write \(Wording.choice(of: forms))")
            return nil
        }
        if case .header(let name) = source, !name.utf8.allSatisfy(ASCII.isToken) {
            node.report("\(Wording.quoted(name)) is no name of a header")
            return nil
        }
        return source
    }

    private static func country(_ node: JSON5Node) -> String? {
        guard let text = node.string(bytesMax: 64) else { return nil }
        guard CompiledNumberPlan(defaultCountry: text) != nil else {
            let upper = text.uppercased()
            let isKnown = CompiledNumberPlan(defaultCountry: upper) != nil
            node.report(
                "\(Wording.quoted(text)) is no country; write "
                    + (isKnown ? Wording.quoted(upper) : "two capital letters such as \"US\"")
            )
            return nil
        }
        return text
    }

    private static func answerMode(_ node: JSON5Node) -> AnswerMode? {
        switch node.value.kind {
        case .string("redirect"): return .redirect
        case .object:
            let status = node.object { mode in
                mode.required("reject", example: "480")?.integer(in: 400...699)
            }
            return status.flatMap { $0 }.map { .reject(status: $0) }
        default:
            node.report("write \"redirect\" or { reject: 480 }")
            return nil
        }
    }

    private static func refusalReason(_ key: String, of refusals: JSON5Object) -> RefusalReason? {
        guard key != RefusalReason.unknownTrunk.rawValue else {
            refusals.report(
                "a call from a source that no trunk has is no trunk's to refuse; take this out, and set "
                    + "sip.unknown_source in the configuration",
                key: key
            )
            return nil
        }
        if let reason = RefusalReason(rawValue: key) { return reason }
        let names = RefusalReason.ofCalls.map(\.rawValue)
        let hint =
            Wording.suggestion(for: key, among: names).map { "did you mean \(Wording.quoted($0))?" }
            ?? "known here: \(names.joined(separator: ", "))"
        refusals.report("\(Wording.quoted(key)) is no reason; \(hint)", key: key)
        return nil
    }

    // MARK: - Credentials

    mutating func readCredentials(_ organization: JSON5Object, _ owned: inout Owned) {
        var ids: Set<String> = []
        for node in organization.elements("credentials", countMax: 10_000) {
            guard let credential = node.object({ credential($0, owned.organization, &ids) }) else {
                continue
            }
            owned.credentials.insert(credential.id)
            contents.credentials.append(credential)
        }
    }

    private func credential(
        _ object: JSON5Object,
        _ organization: String,
        _ ids: inout Set<String>
    ) -> Credential {
        let id = Self.identifier(object, taken: &ids)
        let provider = object.required("provider", example: "\"twilio\"")?.choice(
            of: ["twilio": Credential.Provider.twilio, "telnyx": .telnyx, "custom_sip": .customSIP]
        )
        var credential = Credential(
            organizationID: organization,
            id: id,
            provider: provider ?? .customSIP,
            label: object.string("label", bytesMax: 120) ?? ""
        )
        credential.accountSID =
            object.node("account_sid").flatMap {
                Self.accountSID($0, provider)
            } ?? ""
        let context = credential.sealingContext
        credential.authTokens = object.elements("auth_tokens", countMax: 16).compactMap {
            sealed($0, context)
        }
        var keyIDs: Set<String> = []
        for node in object.elements("shared_keys", countMax: 16) {
            node.object { key in
                let id = Self.identifier(key, taken: &keyIDs)
                let secret = key.required("secret", example: "\"…\"").flatMap {
                    sealed($0, context)
                }
                guard let secret else { return }
                credential.sharedKeys.append(Credential.SharedKey(id: id, secret: secret))
            }
        }
        return credential
    }

    private static func accountSID(_ node: JSON5Node, _ provider: Credential.Provider?) -> String? {
        guard let text = node.string(bytesMax: 64) else { return nil }
        guard provider == .twilio else { return text }
        let digits = text.utf8.dropFirst(2)
        guard text.hasPrefix("AC"), digits.count == 32,
            digits.allSatisfy({ ASCII.hexValue($0) != nil })
        else {
            node.report("an account SID is AC and 32 hexadecimal digits")
            return nil
        }
        return text
    }

    /// Seals a secret; no message ever repeats it.
    private func sealed(_ node: JSON5Node, _ context: String) -> SealedSecret? {
        guard let text = node.string(bytesMax: 4_096) else { return nil }
        guard !text.isEmpty, text.utf8.first != 0x20, text.utf8.last != 0x20 else {
            node.report("a secret is not empty and has no blank at its ends")
            return nil
        }
        do {
            return try seal(Secret(text), context)
        } catch {
            node.report("this secret cannot be sealed: \(error)")
            return nil
        }
    }
}
