import Primitives

/// The timers of transactions (RFC 3261 §17.1.1.1 and table 4, RFC 6026 §7.1).
package struct TransactionTimers: Hashable, Sendable {
    /// An estimate of the round trip; 500 ms unless the link to all peers is known to be faster.
    package var t1 = Interval.milliseconds(500)
    /// The longest gap between two retransmissions.
    package var t2 = Interval.seconds(4)
    /// The longest time a message stays in the network.
    package var t4 = Interval.seconds(5)
    /// How long an INVITE may go without an answer before 100 Trying is due (RFC 3261 §17.2.1).
    var trying = Interval.milliseconds(200)

    /// The values that the RFC recommends.
    package init() {}

    /// Timers E and G: the gap before the first retransmission of a request that is no INVITE, or of a
    /// rejection; it doubles up to T2.
    var firstRetransmission: Interval { t1 }

    /// Timer F: how long a request that is no INVITE waits for its final response.
    var responseWait: Interval { t1 * 64 }

    /// Timer K: how long retransmissions of the final response are absorbed.
    func responseAbsorption(isReliable: Bool) -> Interval { isReliable ? .zero : t4 }

    /// Timer H: how long a rejection waits for its ACK.
    var acknowledgementWait: Interval { t1 * 64 }

    /// Timer I: how long the ACK's own retransmissions are absorbed.
    func confirmedAbsorption(isReliable: Bool) -> Interval { isReliable ? .zero : t4 }

    /// Timer J: how long retransmissions of an answered non-INVITE request are answered again.
    func completedAbsorption(isReliable: Bool) -> Interval { isReliable ? .zero : t1 * 64 }

    /// Timer L: how long retransmissions of an accepted INVITE are absorbed, on every transport.
    var acceptedAbsorption: Interval { t1 * 64 }
}
