import JSONata
import Primitives

/// An organization's inbound workflow, compiled once and shared by any number of runs.
///
/// Steps stand in an array, branches are indices, every expression is parsed.
package final class WorkflowDefinition: Sendable {
    package let steps: [WorkflowStep]
    /// Index of the step that a run begins with.
    package let initialStep: Int
    let lists: [String: LookupTable]
    /// Whether a run depends on nothing but its input, lists and the directory: no step anywhere asks
    /// another host, counts calls or remembers callers.
    ///
    /// Such a run can be computed again and comes out the same.
    package let isPure: Bool
    /// Whether a run can wait for the answer of another host.
    package let usesHTTP: Bool

    init(steps: [WorkflowStep], initialStep: Int, lists: [String: LookupTable]) {
        self.steps = steps
        self.initialStep = initialStep
        self.lists = lists
        usesHTTP = steps.contains { $0.type == .http }
        isPure = !steps.contains { [.http, .limit, .sticky].contains($0.type) }
    }
}

/// One step of a workflow: what it does, and where it leads.
package struct WorkflowStep: Sendable {
    package let id: String
    /// What people call it; empty when it has no name.
    package let name: String
    let kind: Kind
    /// Index of the next step, for those that do not branch.
    let next: Int?
    /// Index of the step that a failure of this one leads to.
    let onError: Int?
    /// The name under which expressions see the result besides the id, where one uses it.
    let alias: String?

    package var type: WorkflowStepType {
        switch kind {
        case .trigger: .trigger
        case .condition: .condition
        case .schedule: .schedule
        case .split: .split
        case .set: .set
        case .lookup: .lookup
        case .http: .http
        case .limit: .limit
        case .sticky: .sticky
        case .output: .output
        case .note: .note
        }
    }

    enum Kind: Sendable {
        case trigger
        case condition(ConditionStep)
        case schedule(ScheduleStep)
        case split(SplitStep)
        case set([WorkflowValue.Member])
        case lookup(LookupStep)
        case http(HTTPStep)
        case limit(LimitStep)
        case sticky(StickyStep)
        case output([OutputField])
        case note
    }
}

/// The steps that a definition can be made of.
package enum WorkflowStepType: String, Sendable, CaseIterable {
    case trigger, condition, schedule, split, set, lookup, http, limit, sticky, output, note

    /// Reads the name in a definition; `input` is another word for `trigger`.
    init?(name: String) {
        if name == "input" {
            self = .trigger
        } else {
            self.init(rawValue: name)
        }
    }
}

/// The first branch whose `when` is true, else the default.
struct ConditionStep: Sendable {
    var branches: [Branch]
    var defaultStep: Int

    struct Branch: Sendable {
        var label: String
        var when: WorkflowValue
        var step: Int
    }
}

/// Whether it is open in a place of the world.
struct ScheduleStep: Sendable {
    var schedule: WeeklySchedule
    var zone: TimeZoneRules
    var openStep: Int
    var closedStep: Int
}

/// Calls shared out by a key.
struct SplitStep: Sendable {
    var key: WorkflowValue
    /// Branches in the order of their labels' octets, so that reordering the weights moves no call.
    var branches: [Branch]
    /// The sum of all weights, at least 1.
    var total: UInt64

    struct Branch: Sendable {
        var label: String
        /// The weights up to and with this one.
        var cumulativeWeight: UInt64
        var step: Int
    }
}

/// A key looked up in a list.
struct LookupStep: Sendable {
    var list: String
    var key: WorkflowValue
}

/// A bound on calls of one key.
struct LimitStep: Sendable {
    var key: WorkflowValue
    var measure: CallMeasure
    var countMax: Int
    var withinStep: Int
    var overStep: Int
}

/// The agent that this key reached last.
struct StickyStep: Sendable {
    var key: WorkflowValue
    var lifetime: Interval
}

/// A request to a host that the operator allows.
struct HTTPStep: Sendable {
    var method: HTTPStepRequest.Method
    /// `https` or `http`, host and port: text without expressions.
    var origin: HTTPOrigin
    /// Path and query.
    var target: WorkflowValue
    var headers: [WorkflowValue.Member]
    var body: WorkflowValue?
    var timeout: Interval
}

/// A field of the run's output.
struct OutputField: Sendable {
    var name: String
    var value: WorkflowValue
}
