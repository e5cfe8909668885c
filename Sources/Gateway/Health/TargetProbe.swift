import Primitives

/// What is known of one target, and how each probe changes it.
///
/// A target is unknown until its probes have agreed often enough for a first verdict; calls treat it
/// as one that is up.
package struct TargetProbe: Sendable, Equatable {
    package private(set) var state = State.unknown
    /// When the state began.
    package private(set) var since: WallTime
    /// What the last probe found, in words: `200 OK`, `connected`, `no answer`.
    package private(set) var lastAnswer = ""
    /// When it found that; nil before the first probe has ended.
    package private(set) var lastAnswerAt: WallTime?
    /// Probes in a row that found the same, misses as negative numbers.
    private var run = 0

    package enum State: String, Sendable, CaseIterable {
        case up, down, unknown
    }

    /// What one probe has found; the text is for people.
    package enum Finding: Hashable, Sendable {
        case answer(String)
        case miss(String)
        /// Nothing is learned of the target: its name has no address, or this host is at fault.
        case nothing(String)

        package var text: String {
            switch self {
            case .answer(let text), .miss(let text), .nothing(let text): text
            }
        }
    }

    package init(at now: WallTime) {
        since = now
    }

    /// Takes in what a probe has found; true when the state is another one now.
    package mutating func note(
        _ finding: Finding,
        at now: WallTime,
        downAfter: Int,
        upAfter: Int
    ) -> Bool {
        lastAnswer = finding.text
        lastAnswerAt = now
        let new: State
        switch finding {
        case .nothing: return false
        case .answer:
            run = min(max(run, 0) + 1, upAfter)
            new = run >= upAfter ? .up : state
        case .miss:
            run = max(min(run, 0) - 1, -downAfter)
            new = -run >= downAfter ? .down : state
        }
        guard new != state else { return false }
        state = new
        since = now
        return true
    }

    /// Whether the last probe speaks against the state: the next one comes sooner.
    package var isInDoubt: Bool {
        switch state {
        case .unknown: run != 0
        case .up: run < 0
        case .down: run > 0
        }
    }
}

extension TargetProbe.Finding {
    /// What an answer to an OPTIONS says: any final one comes from somebody who is there.
    ///
    /// But for three, which say that calls sent there go nowhere: 503 of a server that takes none now
    /// (RFC 3261 §21.5.4), and 408 and 504 of a proxy that got no answer from the target behind it.
    package init(statusCode: Int, text: String) {
        switch statusCode {
        case 408, 503, 504: self = .miss(text)
        default: self = .answer(text)
        }
    }
}
