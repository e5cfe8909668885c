import Primitives

/// What becomes of a call: the same value leaves by either door.
package struct Decision: Sendable {
    package var outcome: Outcome
    /// Which step of the resolution decided.
    package var rule: Rule
    /// Indices into the snapshot that decided; `none` where nothing was found.
    package var organization: UInt32 = Self.none
    package var trunk: UInt32 = Self.none
    package var credential: UInt32 = Self.none
    package var agent: UInt32 = Self.none
    /// The number of the agent's version, 0 when there is no agent.
    package var version = 0
    package var number: PhoneNumber?
    /// The order of the version's targets; what stands before `firstTarget` is past or left out.
    ///
    /// `targets.next(from:)` leads from one that is offered to the next.
    package var targets = TargetOrder()
    package var firstTarget = 0
    /// What the organization's workflow came to; nil for a call that none was run for.
    package var workflow: WorkflowResult?
    /// What goes along with an answered call to its agent; nil for a call that has nothing to take along.
    package var enclosure: Enclosure?

    package static let none = UInt32.max

    package init(outcome: Outcome, rule: Rule) {
        self.outcome = outcome
        self.rule = rule
    }

    package enum Outcome: Sendable, Hashable {
        case answer
        case refuse(RefusalReason)
        /// The organization's workflow is to be run; `DirectorySnapshot.conclude` goes on from there.
        case consult
    }

    /// The steps that can decide a call, by the names that records show.
    package enum Rule: UInt8, Sendable, CaseIterable {
        case carrier, number, status, workflow, fallbackAgent, numberAgent, pinnedAgent
        case dispatchTemplate, continuation, gateway

        package var name: StaticString {
            switch self {
            case .carrier: "carrier"
            case .number: "number"
            case .status: "number_status"
            case .workflow: "workflow"
            case .fallbackAgent: "fallback_agent"
            case .numberAgent: "number_agent"
            case .pinnedAgent: "pinned_agent"
            case .dispatchTemplate: "dispatch_template"
            case .continuation: "continuation"
            case .gateway: "gateway"
            }
        }
    }

    package var refusal: RefusalReason? {
        guard case .refuse(let reason) = outcome else { return nil }
        return reason
    }

    /// What the workflow sends along with the call, where it is the workflow's own answer that goes
    /// out and not the fallback agent's.
    package var output: WorkflowOutput? {
        switch rule {
        case .workflow, .continuation: workflow?.output
        default: nil
        }
    }

    /// The targets that the workflow named instead of the agent's, where its answer goes out.
    ///
    /// A call without a workflow pays no more than a look at one reference.
    var workflowTargets: [TargetEntry]? {
        guard let workflow, !workflow.targets.isEmpty, rule == .workflow || rule == .continuation
        else { return nil }
        return workflow.targets
    }

    /// How the workflow wants its refusal to be put; nil unless it refused the call and said so.
    package var rejectReason: WorkflowOutput.RejectReason? {
        refusal == .rejected ? workflow?.output?.rejectReason : nil
    }

    /// How many decisions were made about the call before this one: 0 for its first.
    ///
    /// A call that the carrier brings back is decided again, and each time is a record of its own.
    package func step(of call: IncomingCall) -> Int {
        if let continuation = call.continuation { return continuation.step }
        // Without a state the place of the failed target says how often the call has been here: the
        // fallback agent's targets come behind all of the first agent's.
        guard call.failedTarget != nil else { return 0 }
        return firstTarget + (rule == .fallbackAgent ? TargetOrder.countMax : 0)
    }
}
