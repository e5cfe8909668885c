import Primitives

/// The server transactions of one event loop (RFC 3261 §17.2, RFC 6026), INVITE and non-INVITE.
///
/// The table neither sends nor reads a clock: it says what to do, and `now` is a parameter. It keeps an
/// answer as long as that may have to be sent again, and after the ACK only the key of the request.
/// What follows from what is in `ServerTransactionState`; this file keeps the rows, the answers and the
/// timers.
///
/// An answer that cannot be sent needs no call, nor does a connection that goes away: transactions stay
/// in their states and keep their timers (RFC 6026 §7.1, §8.8). Nothing is sent to a connection that is
/// gone, because Timer G never runs on a reliable transport, and a request that comes again is answered
/// where it came from.
///
/// Invariants: a transaction has at most one final answer; a timer belongs to one live transaction; a
/// row in the index is either live or confirmed.
package struct ServerTransactions: ~Copyable, Sendable {
    let timers: TransactionTimers
    private let capacity: Int
    let confirmedCapacity: Int

    var index = TransactionIndex()
    /// The keys in the Confirmed state, until Timer I ends.
    var confirmed = ExpiryQueue<TransactionKey>()
    /// The INVITEs that came without an answer so far, until 100 Trying is due.
    var undecided = ExpiryQueue<TransactionID>()
    var slots: [Slot] = []
    var freeSlots: [UInt32] = []
    /// The generation of rows that are made: no smaller than that of any row which was given back.
    var firstGeneration: UInt32 = 0
    var answers = AnswerPool()
    var wheel = TimerWheel()
    var totals = Counters()
    /// The latest instant seen: a step back of the caller's clock must not disorder the timers.
    var now = Instant(nanoseconds: .min)

    /// A table for at most `capacity` transactions that wait for an answer or hold one, and as many as
    /// `confirmedCapacity` keys of acknowledged ones; memory grows with use only.
    package init(
        capacity: Int,
        confirmedCapacity: Int,
        timers: TransactionTimers = TransactionTimers()
    ) {
        self.capacity = min(max(capacity, 0), rowsMax)
        self.confirmedCapacity = min(max(confirmedCapacity, 0), rowsMax)
        self.timers = timers
    }

    /// Takes in a request that is not an ACK; `key` comes from its branch, sent-by and method.
    package mutating func receive(
        _ key: TransactionKey,
        isInvite: Bool,
        route: ResponseRoute,
        at now: Instant
    ) -> Reception {
        observe(now)
        if let row = find(key) { return receiveAgain(row) }
        guard totals.live < capacity else {
            totals.tableFull &+= 1
            return .tableFull
        }
        let slot = begin(key, isInvite ? .invite(.proceeding) : .nonInvite(.trying), route)
        return .new(id(of: slot))
    }

    /// Takes in the user's answer; true if it may be sent now, false if the transaction is gone or had
    /// its final answer before.
    ///
    /// A copy is kept for retransmissions. If there is no memory for a final answer, it goes out like
    /// a stateless one (RFC 3261 §8.2.7): true, and the transaction is over.
    package mutating func respond(
        _ id: TransactionID,
        status: Int,
        answer: Span<UInt8>,
        at now: Instant
    ) -> Bool {
        observe(now)
        guard let slot = slot(of: id) else { return false }
        let event: ServerTransactionState.Event =
            status < 200 ? .provisional : status < 300 ? .success : .rejection
        let (next, effect) = slots[slot].state.after(event)
        guard effect == .send else { return false }
        // 100 Trying falls due for an INVITE that has no answer at all.
        slots[slot].isUndecided = false
        if keep(answer, for: next, slot) || next.isPending {
            move(slot, to: next)
        } else {
            end(slot)
        }
        return true
    }

    /// Takes in an ACK; `key` is the one of the INVITE that it belongs to.
    package mutating func acknowledge(
        _ key: TransactionKey,
        at now: Instant
    ) -> Acknowledgement {
        observe(now)
        guard let row = find(key) else { return .unmatched }
        guard let slot = row.liveSlot else {
            totals.absorbed &+= 1
            return .absorbed
        }
        let (next, effect) = slots[slot].state.after(.acknowledgement)
        if effect == .passUp { return .passUp(id(of: slot)) }
        guard next == .invite(.confirmed) else { return .unmatched }
        confirm(slot)
        return .confirmed
    }

    /// Looks up the INVITE that a CANCEL is for; this changes nothing, answering is the caller's.
    package func cancel(_ inviteKey: TransactionKey) -> Cancellation {
        guard let row = find(inviteKey) else { return .unknown }
        guard let slot = row.liveSlot else { return .answered }
        return slots[slot].state.isPending ? .pending(id(of: slot)) : .answered
    }

    /// Shows the last answer of a transaction; false if it has none.
    @discardableResult
    package func withAnswer(_ id: TransactionID, _ body: (Span<UInt8>) -> Void) -> Bool {
        guard let slot = slot(of: id), slots[slot].answer != .none else { return false }
        answers.read(slots[slot].answer, body)
        return true
    }

    /// Where the answer to a live transaction goes.
    package func route(of id: TransactionID) -> ResponseRoute? {
        slot(of: id).map { slots[$0].route }
    }

    /// The state of a live transaction; nil once it is confirmed or terminated.
    package func state(of id: TransactionID) -> ServerTransactionState? {
        slot(of: id).map { slots[$0].state }
    }

    /// One thing that has fallen due; call it until it says nil.
    ///
    /// Between two calls the table may be used in every way.
    package mutating func advance(to now: Instant) -> DueAction? {
        observe(now)
        while let end = confirmed.nextDeadline, end <= self.now { forgetOldestConfirmed() }
        if let id = nextUndecided() { return .stillDeciding(id) }
        while let token = wheel.popDue(at: self.now) {
            if let action = fire(Int(truncatingIfNeeded: token)) { return action }
        }
        giveRoomBack()
        return nil
    }

    /// When to call `advance` again, or nil if nothing waits; it may be early, and is never late.
    package var nextDeadline: Instant? {
        var earliest = wheel.nextDeadline ?? .distantFuture
        if let end = confirmed.nextDeadline { earliest = min(earliest, end) }
        if let end = undecided.nextDeadline { earliest = min(earliest, end) }
        return wheel.count + confirmed.count + undecided.count == 0 ? nil : earliest
    }

    /// Figures as of now.
    package var counters: Counters {
        var counters = totals
        counters.confirmed = confirmed.count
        counters.timers = wheel.count
        counters.reminders = undecided.count
        counters.answers = answers.count
        counters.answerMemory = answers.memory
        return counters
    }

    private mutating func observe(_ now: Instant) {
        if now > self.now { self.now = now }
    }

    private func find(_ key: TransactionKey) -> TransactionIndex.Reference? {
        var search = index.search(for: key)
        while let row = index.next(&search) {
            let found =
                row.liveSlot.map { slots[$0].key } ?? confirmed[row.confirmedSequence]
            if found == key { return row }
        }
        return nil
    }

    private mutating func receiveAgain(_ row: TransactionIndex.Reference) -> Reception {
        guard let slot = row.liveSlot, slots[slot].state.after(.request).effect == .resend,
            slots[slot].answer != .none
        else {
            totals.absorbed &+= 1
            return .absorbed
        }
        totals.answeredAgain &+= 1
        return .retransmission(id(of: slot))
    }

    func id(of slot: Int) -> TransactionID {
        TransactionID(
            slot: UInt32(truncatingIfNeeded: slot),
            generation: slots[slot].generation
        )
    }

    func slot(of id: TransactionID) -> Int? {
        let slot = Int(id.slot)
        return slot < slots.count && slots[slot].generation == id.generation ? slot : nil
    }
}

/// A reference to a row has 30 bits.
private let rowsMax = 1 << 29
