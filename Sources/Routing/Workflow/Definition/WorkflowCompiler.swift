import JSONata
import Primitives

extension WorkflowDefinition {
    /// Reads a definition and checks it against the world around it; finds all problems at once.
    package static func compile(
        _ json: JSONValue,
        in surroundings: WorkflowSurroundings
    ) -> WorkflowCompilation {
        var compiler = WorkflowCompiler(surroundings)
        let definition = compiler.definition(DefinitionNode(value: json, path: ""))
        return WorkflowCompilation(
            definition: compiler.errorCount > 0 ? nil : definition,
            problems: compiler.problems
        )
    }
}

/// A value of a definition and its place in it.
struct DefinitionNode {
    var value: JSONValue?
    var path: String

    subscript(key: String) -> DefinitionNode {
        DefinitionNode(value: value?[key], path: path.isEmpty ? key : "\(path).\(key)")
    }

    subscript(index: Int) -> DefinitionNode {
        DefinitionNode(value: value?[index], path: "\(path)[\(index)]")
    }

    var isMissing: Bool { value == nil }
    var string: String? { value?.stringValue }

    /// The elements of a list; none when it is something else.
    var elements: [DefinitionNode] {
        (0..<(value?.arrayValue?.count ?? 0)).map { self[$0] }
    }

    /// The members of an object; none when it is something else.
    var members: [(key: String, node: DefinitionNode)] {
        (value?.objectValue ?? JSONObject()).map { ($0.key, self[$0.key]) }
    }
}

/// Turns a definition into steps and collects what is wrong with it.
struct WorkflowCompiler {
    let surroundings: WorkflowSurroundings
    let hosts: HostAllowList?
    private(set) var problems: [WorkflowProblem] = []
    /// All errors so far, those among them that `problems` has no room for.
    private(set) var errorCount = 0
    private var warningCount = 0
    /// Index of each step by its id.
    private(set) var indices: [String: Int] = [:]
    /// The texts of all expressions so far, for the names that they use.
    var expressionTexts: [String] = []
    /// What all expressions so far can see of what a run knows.
    var visible = VisibleMembers()
    /// The paths of names in all expressions so far.
    var paths = PathTable()
    var zones: [String: TimeZoneRules] = [:]
    var lists: [String: LookupTable] = [:]
    private var ids: [String] = []

    init(_ surroundings: WorkflowSurroundings) {
        self.surroundings = surroundings
        hosts = surroundings.allowedHosts.map { HostAllowList($0) }
    }

    mutating func error(_ node: DefinitionNode, _ message: String) {
        errorCount += 1
        guard errorCount <= Self.problemCountMax else { return }
        problems.append(WorkflowProblem(path: node.path, message: message))
    }

    mutating func warn(_ node: DefinitionNode, _ message: String) {
        warningCount += 1
        guard warningCount <= Self.problemCountMax else { return }
        problems.append(
            WorkflowProblem(severity: .warning, path: node.path, message: message)
        )
    }

    mutating func definition(_ root: DefinitionNode) -> WorkflowDefinition? {
        guard case .object? = root.value else {
            error(root, "a workflow is an object with version, initial_step and steps")
            return nil
        }
        guard (root.value?.depth ?? 0) <= WorkflowLimits.definitionDepthMax else {
            error(root, "values are nested more than \(WorkflowLimits.definitionDepthMax) deep")
            return nil
        }
        warnOfUnknownKeys(root, known: ["version", "initial_step", "steps", "lists", "name"])
        if let version = root["version"].value, version.integerValue != 1 {
            error(root["version"], "this gateway reads version 1; write version: 1")
        }
        readLists(root["lists"])
        let nodes = root["steps"].elements
        guard !nodes.isEmpty else {
            error(
                root["steps"],
                "a workflow needs a list of steps, at least a trigger and an output"
            )
            return nil
        }
        guard nodes.count <= WorkflowLimits.stepCountMax else {
            error(root["steps"], "a workflow has at most \(WorkflowLimits.stepCountMax) steps")
            return nil
        }
        nameSteps(nodes)
        let steps = nodes.enumerated().map { step($1, index: $0) }
        let initialStep = initialStep(root, steps)
        checkPaths(steps, nodes, from: initialStep)
        if !surroundings.hasFallbackAgent {
            warn(root, "there is no fallback agent: a call whose workflow fails is refused")
        }
        guard let initialStep else { return nil }
        return WorkflowDefinition(
            steps: linked(steps, nodes),
            initialStep: initialStep,
            visible: visible,
            paths: paths
        )
    }

    /// Gives each step its id, so that steps can name those that come after them.
    private mutating func nameSteps(_ nodes: [DefinitionNode]) {
        for (index, node) in nodes.enumerated() {
            guard let id = node["id"].string, Self.isID(id) else {
                error(
                    node["id"],
                    "a step needs an id of 1 to 64 letters, digits, “_” or “-”, such as \"hours\""
                )
                ids.append("")
                continue
            }
            if let first = indices[id] {
                error(node["id"], "steps[\(first)] has the id “\(id)” too; choose another")
            } else {
                indices[id] = index
            }
            ids.append(id)
        }
    }

    private mutating func initialStep(_ root: DefinitionNode, _ steps: [WorkflowStep]) -> Int? {
        if !root["initial_step"].isMissing { return target(root["initial_step"]) }
        let triggers = steps.indices.filter { steps[$0].type == .trigger }
        if triggers.count == 1 { return triggers[0] }
        error(root["initial_step"], "name the id of the step that a call begins with")
        return nil
    }

    /// The step that a branch leads to.
    mutating func target(_ node: DefinitionNode) -> Int? {
        guard let id = node.string else {
            error(node, "name the id of the step that comes next")
            return nil
        }
        guard let index = indices[id] else {
            let known = ids.filter { !$0.isEmpty }
            let list = "the steps are \(known.prefix(12).joined(separator: ", "))"
            let hint = Self.hint(for: id, among: known, else: list)
            error(node, "no step has the id “\(id)”; \(hint)")
            return nil
        }
        return index
    }

    /// Links steps to the expressions that see their results: by their ids, or by their names, where
    /// one is written in backticks.
    private mutating func linked(
        _ steps: [WorkflowStep],
        _ nodes: [DefinitionNode]
    ) -> [WorkflowStep] {
        var owners: [String: Int] = [:]
        return steps.enumerated().map { index, step in
            let alias = alias(of: step)
            if let alias, let other = owners[alias] {
                error(
                    nodes[index]["name"],
                    "expressions name “\(alias)”, which is steps[\(other)] too; use their ids"
                )
            }
            if let alias { owners[alias] = index }
            return WorkflowStep(
                id: step.id,
                name: step.name,
                kind: step.kind,
                next: step.next,
                onError: step.onError,
                alias: alias,
                isSeen: alias != nil || !visible[step.id].isNothing,
                paths: paths.paths(startingWith: step.id)
                    + (alias.map { paths.paths(startingWith: $0) } ?? [])
            )
        }
    }

    private func alias(of step: WorkflowStep) -> String? {
        guard !step.name.isEmpty, indices[step.name] == nil, step.name != "input",
            expressionTexts.contains(where: { $0.contains("`\(step.name)`") })
        else { return nil }
        return step.name
    }

    mutating func warnOfUnknownKeys(_ node: DefinitionNode, known: [String]) {
        for (key, member) in node.members where !known.contains(key) {
            let list = "known are \(known.joined(separator: ", "))"
            warn(
                member,
                "“\(key)” is not known here and ignored; "
                    + Self.hint(for: key, among: known, else: list)
            )
        }
    }

    /// What to write instead of `word`: the name that was probably meant, or else all of them.
    static func hint(for word: String, among known: [String], else list: String) -> String {
        Spelling.nearest(to: word, among: known).map { "did you mean “\($0)”?" } ?? list
    }

    static func isID(_ text: String) -> Bool {
        1...64 ~= text.utf8.count
            && text.utf8.allSatisfy { ASCII.isAlphanumeric($0) || $0 == 0x5F || $0 == 0x2D }
    }

    /// Errors, and warnings beside them: more help nobody, and a definition made to have them all should
    /// not fill the answer.
    private static let problemCountMax = 200
}
