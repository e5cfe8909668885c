import JSONata
import Primitives

/// What a run asks of the loop that it lives on; every question is answered at once.
package protocol WorkflowServices {
    /// In whose memory the expressions of one run after the other are evaluated (`Evaluator.ofRuns`).
    var evaluator: Evaluator { get }

    /// Counts one more call of `key` and says how many there are, this one included.
    ///
    /// Asked once per `limit` step of a run. A call above `max` is not kept as one that is up.
    mutating func count(
        _ key: String,
        by measure: CallMeasure,
        max: Int,
        call: String,
        at now: Instant
    ) -> Int

    /// The agent that `key` reached last, if that is less than `lifetime` ago.
    mutating func recall(_ key: String, within lifetime: Interval, at now: Instant) -> String?

    /// Keeps that `key` has just reached `agent`.
    mutating func remember(_ key: String, agent: String, at now: Instant)

    /// The entry of `key` in a list of the organization that the definition does not hold itself.
    func lookup(
        _ key: String,
        in list: String,
        organization: String,
        at time: WallTime
    )
        -> JSONValue?

    /// Whether the organization has this agent, active, with this version published; nil: any
    /// version.
    func isUsable(agent: String, version: Int?, organization: String) -> Bool
}

/// What a `limit` step counts.
package enum CallMeasure: Hashable, Sendable {
    /// Calls that came within a window, which begins with the first of them.
    case arrivals(window: Interval)
    /// Calls that are still up: until a status callback ends them, or `lease` has passed.
    case concurrent(lease: Interval)
}

extension CallMeasure {
    /// What is counted, and what ends the count of a call by this door.
    func remark(at door: IncomingCall.Door) -> String {
        switch (self, door) {
        case (.arrivals(let window), _):
            "counts the calls within \(window.wholeSeconds) s of the first"
        case (.concurrent(let lease), .twilio):
            "counts calls that are up; one by Twilio counts until a status callback says that it is "
                + "over, and for \(lease.wholeSeconds) s at most"
        case (.concurrent(let lease), .sip):
            "counts calls that are up; one by SIP counts for \(lease.wholeSeconds) s, because nobody "
                + "tells when it is over"
        }
    }
}

extension Evaluator {
    /// An evaluator with the limits of workflows.
    package static func ofRuns() -> Evaluator {
        var limits = EvaluationLimits()
        // Values are written and freed recursively.
        limits.valueDepthMax = 64
        return Evaluator(timestamp: WallTime(seconds: 0), seed: .number(0), limits: limits)
    }
}

extension Interval {
    fileprivate var wholeSeconds: Int64 { nanoseconds / 1_000_000_000 }
}
