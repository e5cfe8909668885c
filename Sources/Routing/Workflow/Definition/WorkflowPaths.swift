import Primitives

extension WorkflowStep {
    /// Where the step can lead, with the place of each in the definition.
    var exits: [(path: String, step: Int)] {
        var exits: [(path: String, step: Int?)]
        switch kind {
        case .condition(let condition):
            exits = condition.branches.map { ("branches.\($0.label)", $0.step) }
            exits.append(("branches.default", condition.defaultStep))
        case .schedule(let schedule):
            exits = [
                ("branches.open", schedule.openStep), ("branches.closed", schedule.closedStep),
            ]
        case .split(let split): exits = split.branches.map { ("branches.\($0.label)", $0.step) }
        case .limit(let limit):
            exits = [("branches.within", limit.withinStep), ("branches.over", limit.overStep)]
        case .trigger, .set, .lookup, .http, .sticky, .note, .output:
            exits = [("next", next)]
        }
        exits.append(("on_error", onError))
        return exits.compactMap { path, step in step.map { (path, $0) } }
    }
}

/// What can be said of a workflow's paths without a call: loops, dead ends, steps out of reach.
extension WorkflowCompiler {
    mutating func checkPaths(_ steps: [WorkflowStep], _ nodes: [DefinitionNode], from first: Int?) {
        for (index, step) in steps.enumerated() {
            checkEnd(of: step, nodes[index])
        }
        guard let first else { return }
        let search = PathSearch(steps, from: first)
        for (step, exit) in search.backExits {
            let place = DefinitionNode(value: nil, path: "\(nodes[step].path).\(exit.path)")
            error(
                place,
                "leads back to “\(steps[exit.step].id)” and makes a loop; a call goes through a step once"
            )
        }
        for index in steps.indices where !search.isReached[index] {
            // A comment may lie beside the paths.
            if case .note = steps[index].kind, nodes[index]["type"].string == "note" { continue }
            error(
                nodes[index],
                "no path leads to “\(steps[index].id)”; remove it or lead one there"
            )
        }
        for index in steps.indices where search.isReached[index] {
            let node = nodes[index]
            if node["type"].string == "note", node["next"].isMissing {
                error(node["next"], Self.deadEnd)
            }
        }
        if search.backExits.isEmpty, search.longestPath > WorkflowLimits.visitCountMax {
            warn(
                nodes[first],
                "a path has \(search.longestPath) steps, but a run ends after"
                    + " \(WorkflowLimits.visitCountMax)"
            )
        }
    }

    private static let deadEnd = "the path ends here without an output; name the next step"

    private mutating func checkEnd(of step: WorkflowStep, _ node: DefinitionNode) {
        switch step.kind {
        case .trigger, .set, .lookup, .http, .sticky:
            if node["next"].isMissing {
                error(node["next"], Self.deadEnd)
            }
        // A note that no path reaches needs no next step; a type that was refused stands as one too.
        case .note, .condition, .schedule, .split, .limit, .output: break
        }
        if case .http = step.kind, step.onError == nil, !surroundings.hasFallbackAgent {
            warn(
                node["on_error"],
                "a failed request ends the path without an answer; name a step that goes on"
            )
        }
    }
}

/// A depth-first search over the exits of all steps, without recursion.
struct PathSearch {
    private(set) var isReached: [Bool]
    /// Exits that lead back to a step on the way to them.
    private(set) var backExits: [(step: Int, exit: (path: String, step: Int))] = []
    /// Steps of the longest path from the first; meaningful where there is no loop.
    private(set) var longestPath = 0

    init(_ steps: [WorkflowStep], from first: Int) {
        isReached = Array(repeating: false, count: steps.count)
        var isOpen = isReached
        var lengths = Array(repeating: 1, count: steps.count)
        var trail: [(step: Int, exits: [(path: String, step: Int)], next: Int)] = []
        func enter(_ step: Int) {
            isReached[step] = true
            isOpen[step] = true
            trail.append((step, steps[step].exits, 0))
        }
        enter(first)
        while let (step, exits, next) = trail.last {
            guard next < exits.count else {
                isOpen[step] = false
                trail.removeLast()
                for exit in exits where !isOpen[exit.step] {
                    lengths[step] = max(lengths[step], lengths[exit.step] + 1)
                }
                continue
            }
            trail[trail.count - 1].next += 1
            let exit = exits[next]
            if isOpen[exit.step] {
                backExits.append((step, exit))
            } else if !isReached[exit.step] {
                enter(exit.step)
            }
        }
        longestPath = lengths[first]
    }
}
