import Glibc
import Primitives
import Synchronization
import Transport

/// The daemon's own log on standard error: one event, one line.
///
/// A terminal gets logfmt, journald gets JSON behind its priority. Lines are queued and written by a
/// thread of their own, so that a blocked standard error delays nobody; what does not fit the queue is
/// dropped and counted. Secrets have no way in: fields are made by the call sites, from types whose
/// descriptions are masked.
package final class Log: Sendable {
    private let queue = Mutex<Queue>(Queue())
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

    package init(format: Format, threshold: Level = .info, descriptor: Int32 = STDERR_FILENO) {
        self.format = format
        self.threshold = threshold
        self.descriptor = descriptor
    }

    /// One value of a line.
    package enum Field: Sendable {
        case text(String)
        case number(Int)
        case flag(Bool)
    }

    package func error(_ event: String, _ fields: [(String, Field)] = []) {
        write(.error, event, fields)
    }

    package func warning(_ event: String, _ fields: [(String, Field)] = []) {
        write(.warning, event, fields)
    }

    package func info(_ event: String, _ fields: [(String, Field)] = []) {
        write(.info, event, fields)
    }

    package func debug(_ event: String, _ fields: [(String, Field)] = []) {
        write(.debug, event, fields)
    }

    package func isWriting(_ level: Level) -> Bool { level <= threshold }

    /// Writes what is queued.
    ///
    /// Called by the log's thread, and once more at the very end.
    package func flush() {
        let (bytes, dropped) = queue.withLock { queue in
            defer { queue = Queue() }
            return (queue.bytes.bytes, queue.dropped)
        }
        writeAll(bytes)
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

    private func write(_ level: Level, _ event: String, _ fields: [(String, Field)]) {
        guard level <= threshold else { return }
        var line = ByteBuffer(capacity: 256)
        switch format {
        case .logfmt: appendLogfmt(level, event, fields, to: &line)
        case .json: appendJSON(level, event, fields, to: &line)
        }
        enqueue(line.bytes)
    }

    /// Queues a whole line; loops hand in theirs by way of a ring.
    package func enqueue(_ line: [UInt8]) {
        queue.withLock { queue in
            guard queue.bytes.count + line.count <= Limits.logQueueBytes else {
                queue.dropped += 1
                return
            }
            queue.bytes.append(line)
        }
    }

    private func appendLogfmt(
        _ level: Level,
        _ event: String,
        _ fields: [(String, Field)],
        to line: inout ByteBuffer
    ) {
        line.append("time=")
        line.appendTimestamp(Clock.wall())
        line.append(" level=")
        line.append(level.name)
        line.append(" event=")
        line.appendJSONString(event)
        for (key, value) in fields {
            line.append(ASCII.space)
            line.append(key)
            line.append(ASCII.equals)
            append(value, to: &line)
        }
        line.append(ASCII.lineFeed)
    }

    private func appendJSON(
        _ level: Level,
        _ event: String,
        _ fields: [(String, Field)],
        to line: inout ByteBuffer
    ) {
        line.append("<")
        line.appendDecimal(level.rawValue)
        line.append(">{\"time\":\"")
        line.appendTimestamp(Clock.wall())
        line.append("\",\"level\":\"")
        line.append(level.name)
        line.append("\",\"event\":")
        line.appendJSONString(event)
        for (key, value) in fields {
            line.append(",")
            line.appendJSONString(key)
            line.append(":")
            append(value, to: &line)
        }
        line.append("}\n")
    }

    private func append(_ value: Field, to line: inout ByteBuffer) {
        switch value {
        case .text(let text): line.appendJSONString(text)
        case .number(let number): line.appendDecimal(number)
        case .flag(let flag): line.append(flag ? "true" : "false")
        }
    }

    private func writeAll(_ bytes: [UInt8]) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { room in
                Glibc.write(descriptor, room.baseAddress.map { $0 + written }, room.count - written)
            }
            if count > 0 {
                written += count
            } else if errno != EINTR {
                return
            }
        }
    }
}

extension Log.Field: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    package init(stringLiteral value: String) { self = .text(value) }
}

extension Log.Field: ExpressibleByIntegerLiteral {
    package init(integerLiteral value: Int) { self = .number(value) }
}
