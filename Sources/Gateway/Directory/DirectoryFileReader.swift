import Primitives
import Routing

/// Reads the rows of a directory file and checks each, and what each refers to.
struct DirectoryFileReader {
    var contents = DirectoryContents()
    let seal: DirectoryFile.Seal
    let own: OwnAddresses
    let checkWorkflow: DirectoryFile.CheckWorkflow
    private var numberLines: [PhoneNumber: UInt32] = [:]

    init(
        seal: @escaping DirectoryFile.Seal,
        own: OwnAddresses,
        checkWorkflow: @escaping DirectoryFile.CheckWorkflow
    ) {
        self.seal = seal
        self.own = own
        self.checkWorkflow = checkWorkflow
    }

    /// What the rows of one organization may refer to.
    struct Owned {
        var organization: String
        var agents: [String: Agent] = [:]
        var trunks: [String: Trunk] = [:]
        var credentials: Set<String> = []
    }

    mutating func read(_ root: JSON5Node) {
        root.object { file in
            var ids: Set<String> = []
            let list = file.required("organizations", example: "[{ id: \"acme\", name: \"Acme\" }]")
            for node in list?.elements() ?? [] {
                node.object { readOrganization($0, ids: &ids) }
            }
        }
    }

    private mutating func readOrganization(_ object: JSON5Object, ids: inout Set<String>) {
        let id = Self.identifier(object, taken: &ids)
        let name = object.string("name", bytesMax: 255) ?? id
        contents.organizations.append(Organization(id: id, name: name))
        var owned = Owned(organization: id)
        // Trunks come first: they say whether targets may be private.
        readTrunks(object, &owned)
        readCredentials(object, &owned)
        readAgents(object, &owned)
        for node in object.elements("numbers") {
            node.object { readNumber($0, owned) }
        }
        object.object("inbound_routing") { readRouting($0, owned) }
    }

    // MARK: - Numbers

    private mutating func readNumber(_ object: JSON5Object, _ owned: Owned) {
        let number = readE164(object)
        let agent = Self.reference(object, "inbound_agent", among: owned.agents.keys)
        let version = object.integer("inbound_version", in: 1...1_000_000)
        if version != nil, !object.has("inbound_agent") {
            object.report("a version needs its agent; write inbound_agent", key: "inbound_version")
        }
        if let agent, let version, let row = owned.agents[agent],
            !row.versions.contains(where: { $0.number == version })
        {
            object.node("inbound_version")?.report(
                "agent \(Wording.quoted(agent)) has no version \(version)"
            )
        }
        let trunk = Self.reference(object, "trunk", among: owned.trunks.keys)
        let credential = Self.reference(object, "credential", among: owned.credentials)
        let label = object.string("label", bytesMax: 120) ?? ""
        let status =
            object.choice(
                "status",
                of: [
                    "active": .active, "pending": .pending, "suspended": .suspended,
                    "error": .error,
                ]
            ) ?? NumberAssignment.Status.active
        let trialEnds = object.node("trial_ends").flatMap(Self.time)
        let template = object.node("dispatch_template").flatMap(Self.template)
        let metadata = object.node("metadata")?.jsonObject(bytesMax: Self.jsonBytesMax)
        guard let number else { return }
        contents.numbers.append(
            NumberAssignment(
                number: number,
                organizationID: owned.organization,
                trunkID: trunk,
                credentialID: credential,
                inboundAgentID: agent,
                inboundVersion: version,
                label: label,
                status: status,
                trialEnds: trialEnds,
                dispatchTemplate: template ?? "",
                metadata: metadata ?? ""
            )
        )
    }

    /// The number in its one normal form, so that no two rows can be the same number.
    private mutating func readE164(_ object: JSON5Object) -> PhoneNumber? {
        guard let node = object.required("e164", example: "\"+14155550100\""),
            let text = node.string(bytesMax: 64)
        else { return nil }
        guard text.utf8.first == 0x2B else {
            node.report("this is no E.164 number; write + and the country code first")
            return nil
        }
        let bytes = Array(text.utf8)
        guard case .number(let number) = CompiledNumberPlan.international.read(bytes.span) else {
            node.report("this is no E.164 number; write such as \"+14155550100\"")
            return nil
        }
        guard CompiledNumberPlan.reaches(number) else {
            node.report("no call would reach this number; calls spell it otherwise")
            return nil
        }
        let line = node.value.position.line
        if let first = numberLines.updateValue(line, forKey: number) {
            node.report("this number is in line \(first) already; a number has one row")
            return nil
        }
        return number
    }

    /// A template that names a variable which no call has would fail when somebody calls.
    private static func template(_ node: JSON5Node) -> String? {
        guard let text = node.jsonObject(bytesMax: jsonBytesMax) else { return nil }
        let names = DispatchTemplate.Variable.allCases.map(\.rawValue)
        for unknown in DispatchTemplate(text).unknownVariables {
            let hint =
                Wording.suggestion(for: unknown, among: names).map {
                    "did you mean \(Wording.quoted($0))?"
                } ?? "known here: \(names.joined(separator: ", "))"
            node.report("there is no variable \(Wording.quoted(unknown)); \(hint)")
        }
        return text
    }

    private static func time(_ node: JSON5Node) -> WallTime? {
        guard let text = node.string(bytesMax: 64) else { return nil }
        guard let time = WallTime(rfc3339: text) else {
            node.report("this is no time; write such as \"2027-01-31T00:00:00Z\"")
            return nil
        }
        return time
    }

    // MARK: - Routing

    private mutating func readRouting(_ object: JSON5Object, _ owned: Owned) {
        let isEnabled = object.bool("enabled") ?? false
        let definition = object.node("workflow_definition")
        let workflow = definition?.jsonObject(bytesMax: Self.workflowBytesMax) ?? ""
        if isEnabled, definition == nil {
            object.report("enabled routing needs a workflow_definition", key: "enabled")
        }
        let fallback = Self.reference(object, "fallback_agent", among: owned.agents.keys)
        let byDefault = Self.reference(object, "default_agent", among: owned.agents.keys)
        let timeout = object.integer("timeout_ms", in: 100...10_000) ?? 5_000
        let routing = InboundRouting(
            organizationID: owned.organization,
            isEnabled: isEnabled,
            workflowDefinition: workflow,
            fallbackAgentID: fallback,
            defaultAgentID: byDefault,
            timeoutMilliseconds: timeout
        )
        contents.routings.append(routing)
        guard let definition, !workflow.isEmpty else { return }
        let targets = TargetRules(trunks: owned.trunks.values, own: own)
        for problem in checkWorkflow(routing, owned.agents, targets) {
            definition.descendant(at: problem.path).report(problem)
        }
    }

    // MARK: - Ids

    /// The `id` of a row, once within its owner: letters, digits, `-`, `_` and `.`, at most 64.
    static func identifier(_ object: JSON5Object, taken: inout Set<String>) -> String {
        guard let node = object.required("id", example: "\"sales\""),
            let id = node.string()
        else { return "" }
        let isPlain = id.utf8.allSatisfy {
            ASCII.isAlphanumeric($0) || $0 == 0x2D || $0 == 0x5F || $0 == 0x2E
        }
        guard isPlain, !id.isEmpty, id.utf8.count <= 64 else {
            node.report("an id is 1 to 64 letters, digits, -, _ and .")
            return ""
        }
        if !taken.insert(id).inserted {
            node.report("\(Wording.quoted(id)) is taken by another row of this list; name it anew")
        }
        return id
    }

    /// The id of another row of the organization; an unknown one is reported with the likely one.
    static func reference(
        _ object: JSON5Object,
        _ key: String,
        among known: some Collection<String>
    ) -> String? {
        guard let node = object.node(key), let id = node.string() else { return nil }
        guard !known.contains(id) else { return id }
        let names = known.filter { !$0.isEmpty }.sorted()
        let hint =
            if let near = Wording.suggestion(for: id, among: names) {
                "did you mean \(Wording.quoted(near))?"
            } else if names.isEmpty {
                "it has none yet"
            } else {
                "known here: \(names.prefix(20).joined(separator: ", "))"
            }
        node.report("this organization has no \(Wording.quoted(id)); \(hint)")
        return nil
    }

    /// What goes with a call is at most 16 KiB.
    private static let jsonBytesMax = 16_384
    /// A workflow of 64 steps takes some ten KiB.
    private static let workflowBytesMax = 1 << 20
}
