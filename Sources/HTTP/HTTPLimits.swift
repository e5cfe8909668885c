import Primitives

/// Every bound of an HTTP connection: what a peer may send, and how long it may take.
///
/// Sizes are octets on the wire. The listener makes one value from the configuration and hands a
/// copy to each connection; a route can narrow or widen the body with `HTTPBodyRule`.
package struct HTTPLimits: Sendable {
    /// The request line without its CRLF; longer is 414.
    ///
    /// RFC 9112 §3 recommends at least 8,000, and a signed webhook URL with state of ours in its
    /// query stays below 2,500.
    package var requestLineBytesMax = 8 * 1_024

    /// Request line, field lines and the empty line with all their CRLFs; larger is 431.
    ///
    /// Twice the longest request line leaves as much again for fields; carriers send below 2 KiB.
    package var headBytesMax = 16 * 1_024

    /// Field lines in a head or a trailer; more is 431.
    ///
    /// Browsers behind two proxies send about 40.
    package var fieldsMax = 100

    /// The body after its chunks are taken apart; larger is 413, before any of it is read when the
    /// length is announced.
    ///
    /// A webhook with all of Twilio's parameters is below 4 KiB.
    package var bodyBytesMax = 64 * 1_024

    /// Fields in one form; more is 413.
    ///
    /// A webhook has about 30, and 1,000 is what common web frameworks allow.
    package static let formFieldsMax = 1_000

    /// One chunk-size line with its extensions, without CRLF.
    ///
    /// 15 digits are the most that we read;
    /// the rest is room for an extension, which nobody known sends.
    package var chunkLineBytesMax = 256

    /// All chunk extensions of one body: a peer must not make us read many times the body that the
    /// limit above allows.
    package var chunkExtensionBytesMax = 4 * 1_024

    /// The trailer section with its CRLFs; larger is 431.
    ///
    /// We use no trailer field.
    package var trailerBytesMax = 4 * 1_024

    /// Answers that may wait in `output` before the next pipelined request is read: it keeps one
    /// connection from filling memory with answers that it never collects.
    package var pipelinedAnswersMax = 32

    /// Octets of answers that may wait in `output` before the next pipelined request is read.
    package var outputBytesMax = 256 * 1_024

    /// Octets kept behind a request that is not answered yet; then `wantsInput` turns false and TCP
    /// holds the peer back.
    package var pipelinedBytesMax = 64 * 1_024

    /// From the accept to the first octet; then 408.
    ///
    /// A silent connection holds a descriptor.
    package var firstByteTimeout = Interval.seconds(10)

    /// From the first octet of a head to its last, however it trickles; then 408 (slowloris).
    package var headTimeout = Interval.seconds(10)

    /// Between an answer and the next request; then the connection closes without a word.
    ///
    /// Above the 60 s that most proxies keep their side open, so that the race is theirs to close
    /// first.
    package var idleTimeout = Interval.seconds(75)

    /// Between two pieces of a body; then 408.
    package var bodyGapTimeout = Interval.seconds(10)

    /// From the head to the last octet of the body; then 408.
    ///
    /// The gap alone would let one octet every nine seconds hold the connection for days.
    package var bodyTimeout = Interval.seconds(60)

    /// For any progress in sending what waits in `output`; then the connection is dropped.
    package var drainTimeout = Interval.seconds(30)

    /// After our side is shut down, for the peer to read the last answer and close (RFC 9112 §9.6).
    package var lingerTimeout = Interval.seconds(2)

    package init() {}
}

/// What a route wants of a body, told after the head and before the body is read.
package struct HTTPBodyRule: Sendable {
    /// Octets; more is 413.
    package var bytesMax: Int
    /// Whether a request that announces no body at all is refused with 411 (RFC 9110 §15.5.12).
    package var isRequired: Bool

    package init(bytesMax: Int, isRequired: Bool = false) {
        self.bytesMax = bytesMax
        self.isRequired = isRequired
    }
}
