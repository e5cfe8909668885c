import Primitives

/// A call whose workflow decides later: all that is needed to answer it then.
struct DeferredCall<Arrival> {
    /// What came, as its door has to have it.
    let arrival: Arrival
    /// What it was resolved by, and is answered by.
    let state: ServingState
    private let now: Instant
    private let wall: WallTime

    init(_ arrival: Arrival, _ state: ServingState, since loop: LoopContext) {
        self.arrival = arrival
        self.state = state
        now = loop.now
        wall = loop.wall
    }

    /// The loop as it was when the call came, so that the record tells how long the call has waited.
    func moment(in loop: LoopContext) -> LoopContext {
        var moment = loop
        moment.now = now
        moment.wall = wall
        return moment
    }
}
