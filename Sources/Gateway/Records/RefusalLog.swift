import Primitives
import SIP

/// Tells people of requests that never became calls: those that break a rule of SIP, and those of
/// sources that no trunk knows.
///
/// Neither has a record, because nothing was decided about a number; without a line of the log nobody
/// could say why a carrier's calls do not arrive.
package struct RefusalLog {
    private let log: LoopLog
    private var refusals = RateLimit(interval: .seconds(1))
    /// Scanners never rest, and one line a minute is enough to find an address that is missing.
    private var strangers = RateLimit(interval: .seconds(60))

    init(_ log: LoopLog) {
        self.log = log
    }

    /// A request of a known trunk that was answered with `answer` before anything was looked up.
    mutating func note(
        _ answer: RequestAnswer,
        to message: SIPMessage,
        callID: ByteSlice,
        in bytes: Span<UInt8>,
        from source: IPEndpoint,
        _ loop: LoopContext
    ) {
        loop.counters.add(.requestsRefused)
        guard let suppressed = refusals.pass(at: loop.now) else { return }
        log.write(.info, "request refused") { line in
            line.add("status", answer.status.code)
            line.add("phrase", answer.status.reason)
            line.add("method", Self.text(message.methodName, bytes))
            line.add("call_id", Self.text(callID, bytes))
            line.add("source", source)
            line.add("suppressed", suppressed)
        }
    }

    /// A request from an address that no trunk's `allowed_addresses` hold.
    mutating func noteStranger(
        _ message: SIPMessage,
        in bytes: Span<UInt8>,
        from source: IPEndpoint,
        _ loop: LoopContext
    ) {
        loop.counters.add(.strangers)
        guard let suppressed = strangers.pass(at: loop.now) else { return }
        log.write(.info, "unknown source") { line in
            line.add("method", Self.text(message.methodName, bytes))
            line.add("source", source)
            line.add("suppressed", suppressed)
        }
    }

    private static func text(_ slice: ByteSlice, _ bytes: Span<UInt8>) -> String {
        let octets = bytes.bytes(slice)
        return octets.extracting(0..<min(octets.count, 128)).text
    }
}
