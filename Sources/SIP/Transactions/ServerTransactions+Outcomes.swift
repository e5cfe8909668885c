/// Names a transaction that waits for an answer or holds one; never taken for a later one.
package struct TransactionID: Hashable, Sendable, BitwiseCopyable {
    var slot: UInt32
    var generation: UInt32
}

extension ServerTransactions {
    /// What a request is to the table.
    package enum Reception: Hashable, Sendable {
        /// The first of its transaction: decide, then `respond`.
        case new(TransactionID)
        /// Came before: send the last answer again (`withAnswer`) to where this copy came from.
        case retransmission(TransactionID)
        /// Came before and needs no answer.
        case absorbed
        /// The table is full: answer without a transaction (RFC 3261 §8.2.7).
        case tableFull
    }

    /// What an ACK is to the table.
    package enum Acknowledgement: Hashable, Sendable {
        /// It ends the retransmissions of a rejection.
        case confirmed
        /// It came before.
        case absorbed
        /// It repeats the branch of an INVITE that got a 2xx: the user's to handle (RFC 6026 §7.1).
        case passUp(TransactionID)
        /// No answer waits for it; drop it.
        case unmatched
    }

    /// What a CANCEL finds (RFC 3261 §9.2); the CANCEL is a transaction of its own besides.
    package enum Cancellation: Hashable, Sendable {
        /// The INVITE has no final answer yet: 200 to the CANCEL, 487 to the INVITE.
        case pending(TransactionID)
        /// The INVITE has been answered: 200 to the CANCEL, and nothing more.
        case answered
        /// 481 to the CANCEL.
        case unknown
    }

    /// What has fallen due.
    package enum DueAction: Hashable, Sendable {
        /// Timer G: send the answer (`withAnswer`) by this route once more.
        case retransmit(TransactionID, ResponseRoute)
        /// 200 ms without an answer to an INVITE: `respond` with 100 Trying (RFC 3261 §17.2.1).
        case stillDeciding(TransactionID)
        /// Timer H: no ACK came, and the transaction is over.
        case unacknowledged(TransactionKey)
    }

    /// Figures for metrics: gauges first, then totals since the start.
    package struct Counters: Hashable, Sendable {
        /// Transactions that wait for an answer or hold one; at most the table's capacity.
        package internal(set) var live = 0
        /// Those of INVITEs: calls that are not answered, or whose answer has no ACK yet.
        package internal(set) var invites = 0
        /// Those among them without a final answer.
        package internal(set) var pending = 0
        /// Keys that are kept until Timer I ends.
        package internal(set) var confirmed = 0
        /// Timers G, H, J and L: at most one for each live transaction.
        package internal(set) var timers = 0
        /// INVITEs of the last 200 ms for which 100 Trying may fall due, answered ones among them.
        package internal(set) var reminders = 0
        /// Answers whose memory is held.
        package internal(set) var answers = 0
        /// Bytes that answers take, with those that are kept for the next ones.
        package internal(set) var answerMemory = 0
        package internal(set) var liveHighWater = 0
        var confirmedHighWater = 0

        package internal(set) var created: UInt64 = 0
        /// Answers that Timer G sent again.
        package internal(set) var retransmitted: UInt64 = 0
        /// Requests that came again and were answered again.
        package internal(set) var answeredAgain: UInt64 = 0
        /// Requests and ACKs that came again and were dropped.
        var absorbed: UInt64 = 0
        /// Rejections whose ACK had not come when Timer H ended.
        package internal(set) var unacknowledged: UInt64 = 0
        /// Requests that found the table full.
        package internal(set) var tableFull: UInt64 = 0
        /// Answers that found no memory: their transactions were given up.
        package internal(set) var answersNotKept: UInt64 = 0
        /// Confirmed keys that had to go before Timer I ended, for newer ones.
        package internal(set) var confirmedCutShort: UInt64 = 0
    }
}
