import Doors
import Primitives

/// An INVITE whose workflow decides later: all that is needed to answer it then.
struct WaitingInvite: Sendable {
    let bytes: [UInt8]
    let arrival: SIPArrival
    /// What it was resolved by, and is answered by.
    let state: ServingState
    private let moment: ArrivalMoment

    init(
        _ bytes: Span<UInt8>,
        _ arrival: SIPArrival,
        _ state: ServingState,
        since loop: LoopContext
    ) {
        self.bytes = bytes.withUnsafeBufferPointer { Array($0) }
        self.arrival = arrival
        self.state = state
        moment = ArrivalMoment(loop)
    }

    func moment(in loop: LoopContext) -> LoopContext { moment.moment(in: loop) }
}

/// When a call came, so that the record of one that has waited tells how long.
struct ArrivalMoment: Sendable {
    private let now: Instant
    private let wall: WallTime

    init(_ loop: LoopContext) {
        now = loop.now
        wall = loop.wall
    }

    /// The loop's present as it was then.
    func moment(in loop: LoopContext) -> LoopContext {
        var moment = loop
        moment.now = now
        moment.wall = wall
        return moment
    }
}
