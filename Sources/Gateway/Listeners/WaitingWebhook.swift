import Doors
import Primitives
import Routing

/// A webhook whose workflow decides later: all that is needed to answer it then.
struct WaitingWebhook: Sendable {
    let webhook: TwilioWebhook
    let call: IncomingCall
    /// What it was resolved by, and is answered by.
    let state: ServingState
    let source: IPEndpoint
    private let arrival: ArrivalMoment

    init(
        _ webhook: TwilioWebhook,
        _ call: IncomingCall,
        _ state: ServingState,
        source: IPEndpoint,
        since loop: LoopContext
    ) {
        self.webhook = webhook
        self.call = call
        self.state = state
        self.source = source
        arrival = ArrivalMoment(loop)
    }

    func moment(in loop: LoopContext) -> LoopContext { arrival.moment(in: loop) }
}
