import JSONata
import Primitives

/// An organization's inbound workflow, compiled once and shared by any number of runs.
///
/// Steps stand in an array, branches are indices, every expression is parsed.
package final class WorkflowDefinition: Sendable {
    package let steps: [WorkflowStep]
    /// Index of the step that a run begins with.
    let initialStep: Int
    /// What the expressions can see of the call.
    let inputView: InputView
    /// What a record keeps of the call's message for it.
    package let messageInput: MessageInput
    /// The paths by which the expressions look into `{input, <step id>: result, …}`.
    let paths: PathTable
    /// Whether a run depends on nothing but its input, lists and the directory: no step anywhere asks
    /// another host, counts calls or remembers callers.
    ///
    /// Such a run can be computed again and comes out the same.
    package let isPure: Bool
    /// Whether a run can wait for the answer of another host.
    package let usesHTTP: Bool
    /// The targets that outputs name in so many words, in the order of the steps.
    package let literalTargets: [String]

    init(steps: [WorkflowStep], initialStep: Int, visible: VisibleMembers, paths: PathTable) {
        self.steps = steps
        self.initialStep = initialStep
        self.paths = paths
        // What expressions can see as `input`.
        let visibleInput = visible["input"]
        inputView = InputView(visibleInput, paths: paths)
        // A trigger by another name shows the whole input under that name.
        let isShown = steps.contains { $0.type == .trigger && $0.id != "input" && $0.isSeen }
        messageInput = MessageInput(isShown ? .everything : visibleInput)
        usesHTTP = steps.contains { $0.type == .http }
        literalTargets = steps.flatMap(\.literalTargets)
        isPure = !steps.contains { [.http, .limit, .sticky].contains($0.type) }
    }
}

/// One step of a workflow: what it does, and where it leads.
///
/// Steps and their kinds are classes, so that a run takes one up by one reference.
package final class WorkflowStep: Sendable {
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
    /// Whether an expression of the definition can see the result.
    let isSeen: Bool
    /// The paths into the result: the number of each (`WorkflowDefinition.paths`), and its names.
    let paths: [(number: Int, names: [String])]

    init(
        id: String,
        name: String,
        kind: Kind,
        next: Int?,
        onError: Int?,
        alias: String? = nil,
        isSeen: Bool = true,
        paths: [(number: Int, names: [String])] = []
    ) {
        self.id = id
        self.name = name
        self.kind = kind
        self.next = next
        self.onError = onError
        self.alias = alias
        self.isSeen = isSeen
        self.paths = paths
    }

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

extension WorkflowStep {
    /// Nothing but text: what an expression yields is not known before a call comes.
    fileprivate var literalTargets: [String] {
        guard case .output(let fields) = kind else { return [] }
        return fields.filter { $0.field == .targets }.flatMap(\.value.literalElements).map(\.text)
    }
}

extension WorkflowValue {
    /// The texts among the elements of a list that hold no expression, each with its place.
    var literalElements: [(place: Int, text: String)] {
        let texts: [String?] =
            switch self {
            case .constant(let value): (value.arrayValue ?? JSONArray()).map(\.stringValue)
            case .array(let elements): elements.map(\.constant?.stringValue)
            case .expression, .text, .object: []
            }
        return texts.enumerated().compactMap { place, text in text.map { (place, $0) } }
    }
}

/// The first branch whose `when` is true, else the default.
///
/// In this and the other steps that branch, a branch without a step is one of a definition that has
/// errors; a run that took it would end there without an output.
final class ConditionStep: Sendable {
    let branches: [Branch]
    let defaultStep: Int?

    init(branches: [Branch], defaultStep: Int?) {
        self.branches = branches
        self.defaultStep = defaultStep
    }

    struct Branch: Sendable {
        var label: String
        var when: WorkflowValue
        var step: Int?
    }
}

/// Whether it is open in a place of the world.
final class ScheduleStep: Sendable {
    let schedule: WeeklySchedule
    let zone: TimeZoneRules
    let openStep: Int?
    let closedStep: Int?

    init(schedule: WeeklySchedule, zone: TimeZoneRules, openStep: Int?, closedStep: Int?) {
        self.schedule = schedule
        self.zone = zone
        self.openStep = openStep
        self.closedStep = closedStep
    }
}

/// Calls shared out by a key.
final class SplitStep: Sendable {
    let key: WorkflowValue
    /// Branches in the order of their labels' octets, so that reordering the weights moves no call.
    let branches: [Branch]
    /// The sum of all weights, at least 1 where the definition has no errors.
    let total: UInt64

    init(key: WorkflowValue, branches: [Branch], total: UInt64) {
        self.key = key
        self.branches = branches
        self.total = total
    }

    struct Branch: Sendable {
        var label: String
        /// The weights up to and with this one.
        var cumulativeWeight: UInt64
        var step: Int?
    }
}

/// A key looked up in a list.
final class LookupStep: Sendable {
    let list: String
    /// The list, if the definition holds it itself.
    let table: LookupTable?
    let key: WorkflowValue

    init(list: String, table: LookupTable?, key: WorkflowValue) {
        self.list = list
        self.table = table
        self.key = key
    }
}

/// A bound on calls of one key.
final class LimitStep: Sendable {
    let key: WorkflowValue
    let measure: CallMeasure
    let countMax: Int
    let withinStep: Int?
    let overStep: Int?
    /// What is counted and what ends it, for the explanation of a call by either door.
    let remarkBySIP: String
    let remarkByTwilio: String

    init(
        key: WorkflowValue,
        measure: CallMeasure,
        countMax: Int,
        withinStep: Int?,
        overStep: Int?
    ) {
        self.key = key
        self.measure = measure
        self.countMax = countMax
        self.withinStep = withinStep
        self.overStep = overStep
        remarkBySIP = measure.remark(at: .sip)
        remarkByTwilio = measure.remark(at: .twilio)
    }
}

/// The agent that this key reached last.
final class StickyStep: Sendable {
    let key: WorkflowValue
    let lifetime: Interval

    init(key: WorkflowValue, lifetime: Interval) {
        self.key = key
        self.lifetime = lifetime
    }
}

/// A request to a host that the operator allows.
final class HTTPStep: Sendable {
    let method: HTTPStepRequest.Method
    /// `https` or `http`, host and port: text without expressions.
    let origin: HTTPOrigin
    /// Path and query.
    let target: WorkflowValue
    let headers: [WorkflowValue.Member]
    let body: WorkflowValue?
    let timeout: Interval

    init(
        method: HTTPStepRequest.Method,
        origin: HTTPOrigin,
        target: WorkflowValue,
        headers: [WorkflowValue.Member],
        body: WorkflowValue?,
        timeout: Interval
    ) {
        self.method = method
        self.origin = origin
        self.target = target
        self.headers = headers
        self.body = body
        self.timeout = timeout
    }
}

/// A field of the run's output.
struct OutputField: Sendable {
    var name: String
    /// Nil when the contract does not know the name.
    var field: WorkflowOutput.Field?
    var value: WorkflowValue

    init(name: String, value: WorkflowValue) {
        self.name = name
        field = WorkflowOutput.Field(rawValue: name)
        self.value = value
    }
}
