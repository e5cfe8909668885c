import Primitives
import Routing
import SIP
import Transport

/// Everything that a loop is made of, as values that may go to its thread.
struct LoopSeed: Sendable {
    var index: Int
    var state: ServingState
    var sockets: [ListeningSocket]
    var ownListeners: [IPEndpoint]
    var transactionKey: SipHash.Key
    var probeCallID: [UInt8]
    var exchange: LoopExchange
    var control: Mailbox<ControlMessage>
    var ring: LineRing
    var counters: LoopCounters
    var operations: Operations
    var log: Log

    /// One socket of this loop and what is served on it.
    struct ListeningSocket: Sendable {
        var socket: BoundSocket
        var configuration: Configuration.Listener
    }
}

/// What the daemon tells a loop.
package enum LoopMessage: Sendable {
    /// From now on this is the configuration and the directory.
    case serve(ServingState)
    /// New calls go elsewhere.
    case drain
    /// Say how you are: `ControlMessage.report` comes back.
    case report
    /// Finish what is being sent and end.
    case end
    /// Another loop has a call whose workflow runs here.
    case consult(WorkflowQuestion, CallTicket)
    /// The workflow of a call that waits here now waits for a host.
    case workflowWaits(CallTicket)
    /// What the workflow of a call that waits here came to.
    case workflowResult(CallTicket, WorkflowResult)
    /// What came of a request that a run of this loop has sent.
    case stepAnswered(run: UInt64, WorkflowEvent)
    /// A call is over that may count as being up here.
    case callEnded(RecentResults.Key)
}

/// What a loop or the probing thread tells the daemon.
enum ControlMessage: Sendable {
    /// The loop goes round; `isIdle`: no call waits for its ACK.
    case report(loop: Int, isIdle: Bool)
    case ended(loop: Int)
    case failed(loop: Int)
    /// The targets with these URIs are down from now on, and no others.
    case targetsDown(Set<[UInt8]>)
}
