import Primitives

/// The row of a transaction that waits for an answer or holds one.
struct Slot {
    var key = TransactionKey(first: 0, second: 0)
    var route = ResponseRoute(
        endpoint: IPEndpoint(address: IPAddress(high: 0, low: 0), port: 0),
        listener: 0
    )
    /// Grows when the row is given back, so that no old `TransactionID` fits the next transaction.
    var generation: UInt32 = 0
    var state = ServerTransactionState.nonInvite(.terminated)
    var answer = AnswerPool.Answer.none
    var timer = TimerID.none
    /// No answer has gone out for this INVITE.
    var isUndecided = false
    /// Timer G: when the answer goes out again, and the gap that led there.
    var retransmitsAt = Instant.distantFuture
    var gap = Interval.zero
    /// Timer H.
    var endsAt = Instant.distantFuture

    mutating func begin(
        _ key: TransactionKey,
        _ state: ServerTransactionState,
        _ route: ResponseRoute
    ) {
        self.key = key
        self.route = route
        self.state = state
        isUndecided = state == .invite(.proceeding)
    }

    mutating func giveBack() {
        generation &+= 1
        answer = .none
        timer = .none
        isUndecided = false
    }
}

extension ResponseRoute {
    /// Whether the transport retransmits by itself (RFC 3261 §17): all but datagrams do.
    fileprivate var isReliable: Bool { connection != 0 }
}

/// The life of a row: begun, moved from state to state with the timers of each, confirmed or ended.
extension ServerTransactions {
    mutating func begin(
        _ key: TransactionKey,
        _ state: ServerTransactionState,
        _ route: ResponseRoute
    ) -> Int {
        let slot = takeSlot()
        slots[slot].begin(key, state, route)
        if slots[slot].isUndecided { undecided.append(id(of: slot), until: now + timers.trying) }
        index.insert(key, .init(live: slot))
        totals.created &+= 1
        totals.pending &+= 1
        totals.live &+= 1
        if state.isInvite { totals.invites &+= 1 }
        totals.liveHighWater = max(totals.liveHighWater, totals.live)
        return slot
    }

    /// Enters `next` and starts its timers; nothing happens if the state stays as it is.
    mutating func move(_ slot: Int, to next: ServerTransactionState) {
        guard next != slots[slot].state else { return }
        if next.isTerminated { return end(slot) }
        if slots[slot].state.isPending && !next.isPending { totals.pending &-= 1 }
        slots[slot].state = next
        switch next {
        case .invite(.completed):
            startRetransmissions(slot)
        case .invite(.accepted):
            arm(slot, at: now + timers.acceptedAbsorption)
        case .nonInvite(.completed):
            let wait = timers.completedAbsorption(isReliable: slots[slot].route.isReliable)
            // A timer of zero fires at once.
            if wait == .zero { end(slot) } else { arm(slot, at: now + wait) }
        case .invite, .nonInvite:
            break
        }
    }

    /// Completed → Confirmed: the answer and the row are given back, and the key is kept for Timer I.
    mutating func confirm(_ slot: Int) {
        let wait = timers.confirmedAbsorption(isReliable: slots[slot].route.isReliable)
        // A timer of zero fires at once.
        if wait == .zero { return end(slot) }
        let key = slots[slot].key
        let sequence = confirmed.append(key, until: now + wait)
        index.replace(key, .init(live: slot), with: .init(confirmed: sequence))
        giveBack(slot)
        if confirmed.count > confirmedCapacity {
            forgetOldestConfirmed()
            totals.confirmedCutShort &+= 1
        }
        totals.confirmedHighWater = max(totals.confirmedHighWater, confirmed.count)
    }

    /// Any state → Terminated.
    mutating func end(_ slot: Int) {
        index.remove(slots[slot].key, .init(live: slot))
        giveBack(slot)
    }

    /// Confirmed → Terminated, which is all that Timer I does.
    mutating func forgetOldestConfirmed() {
        guard let oldest = confirmed.oldest else { return }
        index.remove(oldest.element, .init(confirmed: oldest.sequence))
        confirmed.removeOldest()
    }

    /// Takes out the next INVITE that has been without an answer for too long.
    mutating func nextUndecided() -> TransactionID? {
        while let oldest = undecided.oldest, let end = undecided.nextDeadline {
            let waiting = slot(of: oldest.element).map { slots[$0].isUndecided } ?? false
            if waiting && end > now { return nil }
            undecided.removeOldest()
            if waiting { return oldest.element }
        }
        return nil
    }

    /// Keeps a copy of what the user answers, if `next` can ask for it; false if there is no memory.
    mutating func keep(
        _ answer: Span<UInt8>,
        for next: ServerTransactionState,
        _ slot: Int
    ) -> Bool {
        answers.free(slots[slot].answer)
        slots[slot].answer = .none
        guard sendsAgain(next, isReliable: slots[slot].route.isReliable) else { return true }
        guard let kept = answers.store(answer) else {
            totals.answersNotKept &+= 1
            return false
        }
        slots[slot].answer = kept
        return true
    }

    /// What the timer of a live row does, by the state that the row is in.
    mutating func fire(_ slot: Int) -> DueAction? {
        slots[slot].timer = .none
        switch slots[slot].state {
        case .invite(.completed) where now < slots[slot].endsAt:
            return retransmit(slot)
        case .invite(.completed):
            let key = slots[slot].key
            totals.unacknowledged &+= 1
            move(slot, to: slots[slot].state.after(.timerH).state)
            return .unacknowledged(key)
        case .invite(.accepted):
            move(slot, to: slots[slot].state.after(.timerL).state)
        case .nonInvite(.completed):
            move(slot, to: slots[slot].state.after(.timerJ).state)
        case .invite, .nonInvite:
            break
        }
        return nil
    }

    /// Timers G and H share the row's one timer: it is set for the one that comes first.
    private mutating func startRetransmissions(_ slot: Int) {
        let gap = timers.firstRetransmission
        slots[slot].gap = gap
        slots[slot].retransmitsAt = slots[slot].route.isReliable ? .distantFuture : now + gap
        slots[slot].endsAt = now + timers.acknowledgementWait
        arm(slot, at: min(slots[slot].retransmitsAt, slots[slot].endsAt))
    }

    /// Timer G: the next gap is twice this one, at most T2, and counts from when this one was due.
    private mutating func retransmit(_ slot: Int) -> DueAction {
        let gap = min(slots[slot].gap * 2, timers.t2)
        slots[slot].gap = gap
        // After a stall longer than the gap there is one retransmission, not a burst.
        let next = slots[slot].retransmitsAt + gap
        slots[slot].retransmitsAt = next > now ? next : now + gap
        arm(slot, at: min(slots[slot].retransmitsAt, slots[slot].endsAt))
        totals.retransmitted &+= 1
        return .retransmit(id(of: slot), slots[slot].route)
    }

    private mutating func arm(_ slot: Int, at deadline: Instant) {
        slots[slot].timer = wheel.schedule(
            at: deadline,
            token: UInt64(truncatingIfNeeded: slot)
        )
    }

    private mutating func disarm(_ slot: Int) {
        wheel.cancel(slots[slot].timer)
        slots[slot].timer = .none
    }

    private mutating func takeSlot() -> Int {
        if let slot = freeSlots.popLast() { return Int(slot) }
        slots.append(Slot(generation: firstGeneration))
        // Room for all rows, so that giving one back never allocates.
        freeSlots.reserveCapacity(slots.capacity)
        return slots.count - 1
    }

    /// With the last transaction goes the room that a flood has taken.
    mutating func giveRoomBack() {
        guard totals.live == 0, slots.count > Self.spareRows else { return }
        for slot in slots { firstGeneration = max(firstGeneration, slot.generation) }
        slots = []
        freeSlots = []
    }

    /// Rows whose room stays: about half a megabyte.
    private static var spareRows: Int { 4_096 }

    private mutating func giveBack(_ slot: Int) {
        disarm(slot)
        answers.free(slots[slot].answer)
        if slots[slot].state.isPending { totals.pending &-= 1 }
        if slots[slot].state.isInvite { totals.invites &-= 1 }
        slots[slot].giveBack()
        totals.live &-= 1
        freeSlots.append(UInt32(truncatingIfNeeded: slot))
    }

    /// Whether a repeated request or Timer G may ask for the last answer in `state`.
    private func sendsAgain(_ state: ServerTransactionState, isReliable: Bool) -> Bool {
        switch state {
        case .invite(.proceeding), .invite(.completed), .nonInvite(.proceeding): true
        case .nonInvite(.completed): timers.completedAbsorption(isReliable: isReliable) != .zero
        case .invite(.accepted), .invite(.confirmed), .invite(.terminated): false
        case .nonInvite(.trying), .nonInvite(.terminated): false
        }
    }
}
