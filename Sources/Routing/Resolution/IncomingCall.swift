import Primitives

/// A call as the core sees it: what either door has read from its own wire format.
///
/// A small value, so that a call costs no memory. Raw texts stay with the door.
package struct IncomingCall: Sendable {
    package var door: Door
    /// Who brought the call, once authenticated.
    package var carrier: Carrier
    package var called: DialledNumber
    package var caller: Caller
    /// Whether the caller asked not to be named (RFC 3323): routing knows the number, agents do not.
    package var isCallerHidden = false
    /// A keyed hash of the carrier's own id of the call (Call-ID, CallSid): it names the call in records
    /// and on the wire, and chooses among targets of equal priority, the same on every node.
    package var id: UInt64
    package var time: WallTime
    /// Where a call goes on that has been with us before; nil for a new one.
    package var continuation: Continuation?
    /// A target that the carrier has found not to work, where nothing else says how far the call got.
    ///
    /// The call goes on behind that target.
    package var failedTarget: [UInt8]?

    package init(
        door: Door,
        carrier: Carrier,
        called: DialledNumber,
        caller: Caller,
        id: UInt64,
        time: WallTime,
        continuation: Continuation? = nil
    ) {
        self.door = door
        self.carrier = carrier
        self.called = called
        self.caller = caller
        self.id = id
        self.time = time
        self.continuation = continuation
    }

    /// The ways in which a call arrives.
    package enum Door: UInt8, Sendable, CaseIterable {
        case sip
        case twilio

        package var name: StaticString {
            switch self {
            case .sip: "sip"
            case .twilio: "twilio"
            }
        }
    }

    /// The authenticated sender of a call.
    package enum Carrier: Sendable {
        /// The trunks whose allowed addresses hold the source.
        case trunks(TrunkGroup)
        /// The credential under which the webhook was signed.
        case credential(index: UInt32)
    }

    /// What is known of a call that returns: the agent, and how many of its targets were offered.
    package struct Continuation: Sendable {
        /// `Decision.none` when a workflow named targets and no agent.
        package var agent: UInt32
        /// Nil: the latest published version.
        package var version: Int?
        /// The position of the next target in the call's order; 0….
        package var nextTarget: Int
        /// How many decisions were made about the call before this one; 0….
        package var step: Int
        /// What the workflow that the call went through said, as far as it came back with the call.
        package var workflow: WorkflowResult?

        package init(
            agent: UInt32,
            version: Int?,
            nextTarget: Int,
            step: Int? = nil,
            workflow: WorkflowResult? = nil
        ) {
            self.agent = agent
            self.version = version
            self.nextTarget = nextTarget
            self.step = step ?? nextTarget
            self.workflow = workflow
        }
    }
}
