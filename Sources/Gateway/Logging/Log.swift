import Glibc
import Primitives
import Synchronization
import Transport

/// The daemon's own log on standard error: one event, one line.
///
/// A terminal gets logfmt, journald gets JSON behind its priority. Lines are queued and written by a
/// thread of their own, so that a blocked standard error delays nobody; what does not fit the queue is
/// dropped and counted. Each loop has a ring instead of the queue, so that no call takes a lock; lines
/// of different threads may change places within 20 ms. Secrets have no way in: fields are made by the
/// call sites, from types whose descriptions are masked.
package final class Log: LogSink, Sendable {
    private let queue = Mutex<Queue>(Queue())
    private let rings: [LineRing]
    private let outgoing = Mutex<Outgoing>(Outgoing())
    private let format: Format
    private let threshold: Level
    private let descriptor: Int32

    package enum Format: String, Sendable, CaseIterable {
        /// `time=… level=info event="…" key=value`, for people.
        case logfmt
        /// One JSON object, preceded by `<priority>` for journald.
        case json
    }

    package enum Level: Int, Sendable, Comparable, CaseIterable {
        case error = 3
        case warning = 4
        case info = 6
        case debug = 7

        package var name: String {
            switch self {
            case .error: "error"
            case .warning: "warning"
            case .info: "info"
            case .debug: "debug"
            }
        }

        package static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
    }

    private struct Queue {
        var bytes = ByteBuffer()
        var dropped = 0
    }

    /// What the writing thread has in hand.
    private struct Outgoing {
        var bytes = ByteBuffer()
        /// Lines that rings had refused when it was told last.
        var lost: UInt64 = 0
    }

    /// `loops` is how many event loops there are to log.
    package init(
        format: Format,
        threshold: Level = .info,
        descriptor: Int32 = STDERR_FILENO,
        loops: Int = 0
    ) {
        self.format = format
        self.threshold = threshold
        self.descriptor = descriptor
        rings = (0..<loops).map { _ in LineRing(capacity: Limits.logRingBytes) }
    }

    /// One value of a line.
    package enum Field: Sendable {
        case text(String)
        case number(Int)
        case flag(Bool)
    }

    /// The log as the loop `index` writes it: taken once, by that loop's thread.
    package func loopLog(_ index: Int) -> LoopLog {
        LoopLog(format: format, threshold: threshold, ring: rings[index])
    }

    package func write(_ level: Level, _ event: String, _ fields: (inout LogLine) -> Void) {
        guard level <= threshold else { return }
        var line = LogLine(format: format)
        line.begin(level, event, at: Clock.wall())
        fields(&line)
        line.end()
        enqueue(line.text.span)
    }

    /// Writes what is queued.
    ///
    /// Called by the log's thread, and once more at the very end.
    package func flush() {
        // One thread at a time, because a ring has one reader.
        let dropped = outgoing.withLock { outgoing in
            outgoing.bytes.removeAll()
            for ring in rings { ring.drain(into: &outgoing.bytes) }
            let dropped = queue.withLock { queue in
                outgoing.bytes.append(queue.bytes.span)
                queue.bytes.removeAll()
                defer { queue.dropped = 0 }
                return queue.dropped
            }
            File.write(outgoing.bytes.span, to: descriptor)
            let lost = rings.reduce(0) { $0 &+ $1.lost.load(ordering: .relaxed) }
            defer { outgoing.lost = lost }
            return dropped + Int(clamping: lost &- outgoing.lost)
        }
        if dropped > 0 {
            warning(
                "log lines dropped because standard error is slow",
                [("lines", .number(dropped))]
            )
        }
    }

    /// Starts the thread that writes the queue out every 20 ms.
    package func start() throws(SystemError) {
        try Threads.start("log") { [self] in
            while true {
                flush()
                usleep(20_000)
            }
        }
    }

    private func enqueue(_ line: Span<UInt8>) {
        queue.withLock { queue in
            guard queue.bytes.count + line.count <= Limits.logQueueBytes else {
                queue.dropped += 1
                return
            }
            queue.bytes.append(line)
        }
    }
}

extension Log.Field: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    package init(stringLiteral value: String) { self = .text(value) }
}

extension Log.Field: ExpressibleByIntegerLiteral {
    package init(integerLiteral value: Int) { self = .number(value) }
}
