import Primitives

/// A client transaction of a request that is no INVITE (RFC 3261 §17.1.2, figure 6).
///
/// Make it when the request is sent for the first time; it says when to send it again, which response
/// is for the user and which is a repetition, and when to forget it. A late `advance` sends once,
/// however many gaps have passed.
package struct NonInviteClientTransaction: Sendable {
    package private(set) var state = State.trying
    private let timers: TransactionTimers
    private let isReliable: Bool
    /// Timer E: when the request goes out again, and the gap after that.
    private var retransmission: Instant
    private var gap: Interval
    /// Timer F while no final response is there, then Timer K.
    private var end: Instant

    package enum State: Hashable, Sendable, CaseIterable {
        case trying, proceeding, completed, terminated
    }

    package enum Event: Hashable, Sendable {
        /// A response whose branch and method are ours; 100…699.
        case response(statusCode: Int)
        /// The request could not be sent (RFC 3261 §17.1.4).
        case transportError
    }

    /// What there is to do; one thing for each call.
    package enum Action: Hashable, Sendable {
        case none
        /// Send the request again.
        case transmit
        /// The user gets this response: the final one once, provisional ones each time.
        case deliver
        /// No final response came in time (Timer F), and none will be waited for.
        case timedOut
        /// The request could not be sent.
        case failed
        /// The transaction is over and can be forgotten (Timer K).
        case ended
    }

    /// The request has just been sent for the first time.
    package init(timers: TransactionTimers, isReliable: Bool, at now: Instant) {
        self.timers = timers
        self.isReliable = isReliable
        gap = timers.firstRetransmission
        retransmission = isReliable ? .distantFuture : now + gap
        end = now + timers.responseWait
    }

    /// When to call `advance`; nil once terminated.
    package var nextDeadline: Instant? {
        switch state {
        case .trying, .proceeding: min(retransmission, end)
        case .completed: end
        case .terminated: nil
        }
    }

    /// Takes in an answer or an error; says what to do about it.
    package mutating func handle(_ event: Event, at now: Instant) -> Action {
        switch (state, event) {
        case (.trying, .response(100...199)), (.proceeding, .response(100...199)):
            state = .proceeding
            return .deliver
        case (.trying, .response), (.proceeding, .response):
            state = .completed
            end = now + timers.responseAbsorption(isReliable: isReliable)
            // Over a stream Timer K is zero: nothing can come again.
            if isReliable { state = .terminated }
            return .deliver
        case (.trying, .transportError), (.proceeding, .transportError):
            state = .terminated
            return .failed
        case (.completed, .response), (.completed, .transportError), (.terminated, .response),
            (.terminated, .transportError):
            return .none
        }
    }

    /// Says what is due by now.
    package mutating func advance(to now: Instant) -> Action {
        switch state {
        case .trying, .proceeding:
            if end <= now {
                state = .terminated
                return .timedOut
            }
            guard retransmission <= now else { return .none }
            // RFC 3261 §17.1.2.2: the gap doubles up to T2, and is T2 after a provisional response.
            gap = state == .proceeding ? timers.t2 : min(gap * 2, timers.t2)
            retransmission = now + gap
            return .transmit
        case .completed:
            guard end <= now else { return .none }
            state = .terminated
            return .ended
        case .terminated: return .none
        }
    }
}
