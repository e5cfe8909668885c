import Primitives

/// One connection of an HTTP/1.1 server without its socket (RFC 9112).
///
/// The driver reports what happens (`receive`, `handle`, `advance`) and then calls `next` until it
/// says `.wait`; it sends `pendingOutput` and reports how much went out. Requests are served one at
/// a time in the order of arrival; one can be left unanswered for as long as its decision takes,
/// and those behind it wait. After a refusal nothing that follows is ever looked at.
/// Invariant: the current request's slices ≤ what was parsed ≤ `input.count`.
package struct HTTPConnection: Sendable {
    /// What the peer sent; the slices of `request` point into it.
    ///
    /// A copy of it in a local must end before `respond`, or the next request gets new memory.
    package internal(set) var input: [UInt8] = []
    /// The request that `.head` or `.request` announced.
    package internal(set) var request = HTTPRequest()
    /// Counts the requests of this connection from 1, so that a late answer can be matched.
    package internal(set) var requestNumber = 0
    /// Answers that the driver has not sent yet; see `pendingOutput`.
    package internal(set) var output = ByteBuffer()
    /// Why the connection refused to go on, once it did.
    package internal(set) var refusal: HTTPRefusal?
    package let limits: HTTPLimits

    var state = State.head
    var parser = HTTPHeadParser()
    var chunks = ChunkedBody()
    var rule: HTTPBodyRule
    var bodyDeadline = Instant.distantFuture
    var readDeadline: Instant
    var writeDeadline = Instant.distantFuture
    var sentCount = 0
    var answersPending = 0
    var inputEnded = false
    var closesWhenIdle = false
    /// The time of the latest report.
    var clock: Instant

    /// The states in the order in which a request passes through them.
    enum State: Sendable {
        case head
        /// `.head` was told; the route may state its rule or answer already.
        case admission
        case body
        case chunks
        case answering
        /// Answers wait to be sent before another request is read.
        case blocked
        case refusing(HTTPRefusal)
        /// The last answer is written and must be sent.
        case closing(lingers: Bool)
        /// Our side is shut down; the peer reads and closes.
        case lingering
        case closed
    }

    /// What the driver does next.
    package enum Step: Hashable, Sendable {
        /// The head of `request` is complete. Optional: `admit` or `respond`; then `next` again.
        case head
        /// `request` is complete: `respond`, now or later.
        case request
        /// Send `pendingOutput`, and come back with bytes, an answer or the time.
        case wait
        /// All is sent: shut down the sending side, discard what still arrives, and report the
        /// peer's end or the time. Closing at once would turn unread octets into a reset that can
        /// destroy the last answer on its way (RFC 9112 §9.6).
        case shutdown
        /// Close the socket. Said again each time it is asked.
        case close
    }

    /// What happens to a connection besides octets and time.
    package enum Event: Sendable {
        /// The peer closed its sending side. What it sent before is still served.
        case peerClosed
        /// So many octets of `pendingOutput` are sent.
        case sent(Int)
        /// The socket is broken, or the server gives up on it: nothing more is sent.
        case failed
        /// The server stops: the current request is answered, and then the connection closes.
        case stopping
    }

    package init(limits: HTTPLimits, at now: Instant) {
        self.limits = limits
        rule = HTTPBodyRule(bytesMax: limits.bodyBytesMax)
        clock = now
        readDeadline = now + limits.firstByteTimeout
    }

    /// The part of `output` to send: `output.span.extracting(pendingOutput)`.
    package var pendingOutput: Range<Int> { sentCount..<output.count }

    /// When `advance` must be called at the latest.
    package var nextDeadline: Instant { min(readDeadline, writeDeadline) }

    /// False when the driver should leave octets in the socket: enough are waiting already.
    package var wantsInput: Bool {
        switch state {
        case .head, .admission, .body, .chunks, .lingering: true
        // A peer that has closed its side would be ready to be read for as long as the answer takes.
        case .answering: !inputEnded && input.count &- requestEnd < limits.pipelinedBytesMax
        case .blocked: input.count &- parser.position < limits.pipelinedBytesMax
        case .refusing, .closing, .closed: false
        }
    }

    /// Whether the connection is between two requests, so that closing it loses nothing.
    package var isIdle: Bool {
        guard case .head = state else { return false }
        return parser.isIdle(input.count) && pendingOutput.isEmpty
    }

    /// The first octet behind the current request.
    var requestEnd: Int {
        request.framing == .chunked ? chunks.position : request.body.upperBound
    }
}
