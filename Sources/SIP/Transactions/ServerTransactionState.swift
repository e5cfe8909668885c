/// Where a server transaction stands, in the words of RFC 3261 §17.2 and RFC 6026 §7.1.
package enum ServerTransactionState: Hashable, Sendable, BitwiseCopyable {
    case invite(Invite)
    case nonInvite(NonInvite)

    /// RFC 3261 figure 7, with Accepted as RFC 6026 figure 5 draws it.
    package enum Invite: Hashable, Sendable, BitwiseCopyable, CaseIterable {
        case proceeding, completed, confirmed, accepted, terminated
    }

    /// RFC 3261 figure 8.
    package enum NonInvite: Hashable, Sendable, BitwiseCopyable, CaseIterable {
        case trying, proceeding, completed, terminated
    }

    /// What can happen to a transaction after the request that made it.
    ///
    /// Transport errors are not among it: they change no state (RFC 6026 §8.8).
    package enum Event: Hashable, Sendable, CaseIterable {
        /// From the network: the request once more, or the ACK that belongs to an INVITE.
        case request, acknowledgement
        /// From the user: a 1xx, a 2xx, or a 300 to 699 answer.
        case provisional, success, rejection
        case timerG, timerH, timerI, timerJ, timerL
    }

    /// What a transition asks for, besides the timers that belong to the state it enters.
    package enum Effect: Hashable, Sendable {
        case ignore
        /// Send the user's answer.
        case send
        /// Send the last answer once more, if there is one.
        case resend
        /// Hand the ACK to the user: it belongs to a 2xx, which is the user's to retransmit.
        case passUp
        /// Tell the user that no ACK came.
        case inform
    }

    /// The state and the effect that follow `event`.
    package func after(_ event: Event) -> (state: ServerTransactionState, effect: Effect) {
        switch self {
        case .invite(let state):
            let (next, effect) = state.after(event)
            return (.invite(next), effect)
        case .nonInvite(let state):
            let (next, effect) = state.after(event)
            return (.nonInvite(next), effect)
        }
    }

    /// Whether the user has yet to give the final answer.
    var isPending: Bool {
        switch self {
        case .invite(.proceeding), .nonInvite(.trying), .nonInvite(.proceeding): true
        case .invite, .nonInvite: false
        }
    }

    var isInvite: Bool {
        if case .invite = self { return true }
        return false
    }

    var isTerminated: Bool {
        self == .invite(.terminated) || self == .nonInvite(.terminated)
    }
}

extension ServerTransactionState.Invite {
    fileprivate func after(
        _ event: ServerTransactionState.Event
    ) -> (state: Self, effect: ServerTransactionState.Effect) {
        switch (self, event) {
        case (.proceeding, .request): (.proceeding, .resend)
        case (.proceeding, .provisional): (.proceeding, .send)
        case (.proceeding, .success): (.accepted, .send)
        case (.proceeding, .rejection): (.completed, .send)
        // Nobody has been answered yet, so that this ACK belongs to nothing.
        case (.proceeding, .acknowledgement): (.proceeding, .ignore)
        case (.proceeding, .timerG), (.proceeding, .timerH), (.proceeding, .timerI),
            (.proceeding, .timerJ), (.proceeding, .timerL):
            (.proceeding, .ignore)

        case (.completed, .request): (.completed, .resend)
        case (.completed, .acknowledgement): (.confirmed, .ignore)
        case (.completed, .timerG): (.completed, .resend)
        case (.completed, .timerH): (.terminated, .inform)
        // RFC 3261 §17.2.1: a transaction has one final answer; what the user passes later is lost.
        case (.completed, .provisional), (.completed, .success), (.completed, .rejection):
            (.completed, .ignore)
        case (.completed, .timerI), (.completed, .timerJ), (.completed, .timerL):
            (.completed, .ignore)

        case (.confirmed, .request), (.confirmed, .acknowledgement): (.confirmed, .ignore)
        case (.confirmed, .timerI): (.terminated, .ignore)
        case (.confirmed, .provisional), (.confirmed, .success), (.confirmed, .rejection):
            (.confirmed, .ignore)
        case (.confirmed, .timerG), (.confirmed, .timerH), (.confirmed, .timerJ),
            (.confirmed, .timerL):
            (.confirmed, .ignore)

        // RFC 6026 §7.1: the user retransmits its 2xx; the transaction only absorbs the INVITE.
        case (.accepted, .request): (.accepted, .ignore)
        case (.accepted, .success): (.accepted, .send)
        case (.accepted, .acknowledgement): (.accepted, .passUp)
        case (.accepted, .timerL): (.terminated, .ignore)
        case (.accepted, .provisional), (.accepted, .rejection): (.accepted, .ignore)
        case (.accepted, .timerG), (.accepted, .timerH), (.accepted, .timerI),
            (.accepted, .timerJ):
            (.accepted, .ignore)

        case (.terminated, _): (.terminated, .ignore)
        }
    }
}

extension ServerTransactionState.NonInvite {
    fileprivate func after(
        _ event: ServerTransactionState.Event
    ) -> (state: Self, effect: ServerTransactionState.Effect) {
        switch (self, event) {
        // Only an INVITE is acknowledged; Timers G, H, I and L are an INVITE's as well.
        case (_, .acknowledgement), (_, .timerG), (_, .timerH), (_, .timerI), (_, .timerL):
            (self, .ignore)

        case (.trying, .request): (.trying, .ignore)
        case (.trying, .provisional): (.proceeding, .send)
        case (.trying, .success), (.trying, .rejection): (.completed, .send)
        case (.trying, .timerJ): (.trying, .ignore)

        case (.proceeding, .request): (.proceeding, .resend)
        case (.proceeding, .provisional): (.proceeding, .send)
        case (.proceeding, .success), (.proceeding, .rejection): (.completed, .send)
        case (.proceeding, .timerJ): (.proceeding, .ignore)

        case (.completed, .request): (.completed, .resend)
        case (.completed, .timerJ): (.terminated, .ignore)
        // RFC 3261 §17.2.2: every further answer from the user is discarded.
        case (.completed, .provisional), (.completed, .success), (.completed, .rejection):
            (.completed, .ignore)

        case (.terminated, _): (.terminated, .ignore)
        }
    }
}
