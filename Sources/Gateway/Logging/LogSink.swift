/// What takes lines of the log: the log itself from any thread, or a loop's own way into it.
package protocol LogSink {
    /// Writes one line unless `level` is below the threshold; `fields` adds to it what belongs to the
    /// event, and must not log.
    func write(_ level: Log.Level, _ event: String, _ fields: (inout LogLine) -> Void)
}

extension LogSink {
    package func error(_ event: String, _ fields: [(StaticString, Log.Field)] = []) {
        write(.error, event, fields)
    }

    package func warning(_ event: String, _ fields: [(StaticString, Log.Field)] = []) {
        write(.warning, event, fields)
    }

    package func info(_ event: String, _ fields: [(StaticString, Log.Field)] = []) {
        write(.info, event, fields)
    }

    package func debug(_ event: String, _ fields: [(StaticString, Log.Field)] = []) {
        write(.debug, event, fields)
    }

    private func write(_ level: Log.Level, _ event: String, _ fields: [(StaticString, Log.Field)]) {
        write(level, event) { line in
            for (key, value) in fields { line.add(key, value) }
        }
    }
}
