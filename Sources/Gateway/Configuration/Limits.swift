import Primitives

/// Every bound of the daemon that is not a protocol's own (`SIPLimits`, `HTTPLimits`), with its reason.
package enum Limits {
    /// Log lines that wait for a slow standard error: some thousands of lines, then they are dropped.
    static let logQueueBytes = 1 << 20
    /// The same for the lines of one loop: 50,000 refusals a second for 20 ms.
    static let logRingBytes = 1 << 18

    /// Records of one loop that wait for the writer: 100,000 calls a second for 150 ms.
    static let recordRingBytes = 8 << 20
    /// Records that are written to the log at a time.
    static let recordBatchBytes = 1 << 18
    /// Ids of decisions that are kept to recognise a repeated webhook.
    ///
    /// The 64 s of `decisionMemory` at 1,500 calls a second, in 2 MB; above that rate the index still
    /// refuses the second row. Three quarters of a power of two fill a table.
    static let recentDecisions = 3 << 15
    /// How long the answer to a call is the same whatever has happened since: the longest that a carrier
    /// asks again, 64 × T1 of its INVITE and as much again for another proxy's copy.
    static let decisionMemory = Interval.seconds(64)
    /// Times that one call may come with further sequence numbers: more redirects than carriers follow.
    ///
    /// Beyond it: 482, reason `loop`.
    static let visits: UInt32 = 10
    /// Decisions of workflows that one loop keeps so long: 1,000 calls a second.
    static let recentResults = 65_536

    /// Decided calls that keep their answer until the ACK: 32 s of ACKs that never come at 1,000
    /// calls a second on each loop; above it answers are stateless.
    static let openTransactions = 32_768
    /// Transactions of which only the key is left: Timer I's 5 s at 100,000 calls a second.
    static let finishedTransactions = 524_288

    /// Asked of the kernel for each UDP socket: half a second of INVITEs at 10,000 a second.
    static let datagramBufferBytes = 8 << 20
    /// Batches that a loop reads from one socket before it looks at the others.
    static let batchesPerTurn = 4

    /// Stream connections of one loop: the descriptors of LimitNOFILE=65536 shared by two loops.
    static let connectionsPerLoop = 24_000
    /// Stream connections from one address, unless the operator says otherwise: a carrier's SBC opens a
    /// few, a load balancer some hundreds.
    static let connectionsPerAddress = 1_000
    /// Bytes that wait for a peer that does not read; beyond them the connection is closed.
    static let unsentBytes = 256 << 10
    /// A SIP stream without a message: RFC 5626 §4.4.1 has peers ping every 95 to 120 seconds.
    static let streamIdle = Interval.seconds(180)
    /// From the accept, or the first byte of a message, to its last: a slow sender is cut off.
    static let streamMessage = Interval.seconds(10)
    /// After descriptors ran out, accepts pause so long instead of spinning.
    static let acceptPause = Interval.milliseconds(100)

    /// Between two notes in the store of when API keys were used: each is a write to the disk.
    static let keyUsePause = Interval.seconds(10)
    /// How long an agent may fetch what went along with its call: calls ring for less than this.
    static let contextMemory = Interval.seconds(300)
    /// All that agents may fetch: 100,000 calls with a few words each, or 8,000 with 4 KiB.
    static let contextBytes = 32 << 20
    /// Calls that wait for a host of an `http` step, on all loops: each is a suspended run of some
    /// kilobytes, and a carrier gives up after seconds.
    static let waitingCalls = 10_000
    /// Of one organization, so that its slow host leaves room for the others.
    static let waitingCallsPerOrganization = 1_000
    /// Connections to one host: every call that an organization may have waiting gets one, so that a
    /// host that takes a second for an answer still answers 1,000 calls a second.
    package static let connectionsPerHost = 1_000

    /// How often the daemon looks whether another process changed the directory.
    static let directoryPoll = Interval.milliseconds(500)
    /// Probes that wait for their answer; each has a socket.
    ///
    /// 500 a second that all wait 1.5 s are 750. Beyond it targets are probed later.
    static let probesInFlight = 1_024
    /// Octets of an answer to a probe over TCP: more than any OPTIONS gets, and a peer that sends more
    /// is not waited for.
    static let probeAnswerBytes = 16_384
    /// Octets of a TLS handshake: chains of certificates have 5 KB, the largest a few times that.
    static let probeHandshakeBytes = 65_536
    /// Characters of a peer's reason phrase that are kept for people.
    static let lastAnswerBytes = 80
    /// How often the address of a target's name is asked for again.
    static let nameLifetime = Interval.seconds(60)
    /// Changes of targets within this time reach calls together.
    static let targetReportGap = Interval.milliseconds(100)
    /// `targets.json` is written at most so often, and at least so often while targets are probed.
    static let targetFileGap = Interval.seconds(1)
    static let targetFileAge = Interval.seconds(15)

    /// A loop that has not gone round for so long is stuck; the watchdog is then no longer fed.
    static let loopStall = Interval.seconds(5)
}
