import Primitives
import Transport

/// The log as one event loop writes it: lines go into a ring of the loop's own, without a lock, and
/// those that are written field by field without new memory.
///
/// Made in the loop's thread and never leaves it, because a ring has one writer.
package final class LoopLog: LogSink {
    private let ring: LineRing
    private let threshold: Log.Level
    private var line: LogLine

    init(format: Log.Format, threshold: Log.Level, ring: LineRing) {
        self.ring = ring
        self.threshold = threshold
        line = LogLine(format: format, capacity: 1_024)
    }

    package func write(_ level: Log.Level, _ event: String, _ fields: (inout LogLine) -> Void) {
        guard level <= threshold else { return }
        line.begin(level, event, at: Clock.wall())
        fields(&line)
        line.end()
        let text = line.text
        ring.append(text.span)
    }
}
