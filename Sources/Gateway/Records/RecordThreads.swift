import Glibc
import Primitives
import Store
import Synchronization
import Transport

/// The threads behind the rings: one writes records to the call log, one indexes the log for queries.
final class RecordThreads: Sendable {
    /// One for each loop.
    let rings: [LineRing]
    /// How far the indexing thread is.
    let figures = CallIndexFigures()
    private let log: Log
    private let requests = Atomic<UInt32>(0)
    private let finished = Atomic<Bool>(false)
    private let configuration: Configuration
    private let keyUses: APIKeyUses

    /// Bits of `requests`.
    private enum Request {
        static let rotate: UInt32 = 1
        static let finish: UInt32 = 2
    }

    /// The indexing thread writes down `keyUses`, because it is the one thread that may wait for the
    /// store.
    init(configuration: Configuration, loops: Int, log: Log, keyUses: APIKeyUses) {
        self.configuration = configuration
        rings = (0..<loops).map { _ in LineRing(capacity: Limits.recordRingBytes) }
        self.log = log
        self.keyUses = keyUses
    }

    /// Opens the call log and starts both threads; an error says why records cannot be kept.
    func start() throws {
        let directory = configuration.path(configuration.records.directory)
        try File.makeFolder(directory)
        let limits = CallLogWriter.Limits(
            fileBytes: configuration.records.rotateBytes,
            filesKept: configuration.records.keepFiles
        )
        // Opened here, so that a folder that cannot be written stops the start and not the records.
        let writer = try CallLogWriter(directory: directory, limits: limits, at: Clock.wall())
        try Threads.start("records", owning: writer) { [self] writer in
            write(with: writer)
            finished.store(true, ordering: .releasing)
        }
        try Threads.start("record-index") { [self] in
            Threads.yieldToCalls()
            index(directory)
        }
    }

    /// Starts a new file of the call log (SIGUSR1).
    func rotate() {
        requests.bitwiseOr(Request.rotate, ordering: .relaxed)
    }

    /// Writes out what is left; returns once it is on the disk, or after two seconds.
    func finish() {
        requests.bitwiseOr(Request.finish, ordering: .releasing)
        for _ in 0..<400 where !finished.load(ordering: .acquiring) { usleep(5_000) }
    }

    private func write(with writer: CallLogWriter) {
        var lines = ByteBuffer(capacity: 2 * Limits.recordBatchBytes)
        var recent = RecentIDs(capacity: Limits.recentDecisions)
        var lastSync = Clock.now()
        var hasUnsynced = false
        var isEnding = false
        var reportedFailures = 0
        while true {
            let request = requests.exchange(0, ordering: .acquiring)
            if request & Request.finish != 0 { isEnding = true }
            let wall = Clock.wall()
            var hasMore = false
            for ring in rings {
                lines.removeAll()
                ring.drain(into: &lines, limit: Limits.recordBatchBytes) { recent.isRepeated($0) }
                if lines.isEmpty { continue }
                writer.append(lines: lines.span, at: wall)
                hasUnsynced = true
                if lines.count >= Limits.recordBatchBytes { hasMore = true }
            }
            let now = Clock.now()
            if hasUnsynced, now - lastSync >= configuration.records.sync {
                lastSync = now
                hasUnsynced = !writer.sync()
            }
            if request & Request.rotate != 0 { writer.rotate(at: wall) }
            reportFailures(writer, &reportedFailures)
            if hasMore { continue }
            if isEnding {
                writer.sync()
                return
            }
            usleep(20_000)
        }
    }

    private func reportFailures(_ writer: CallLogWriter, _ reported: inout Int) {
        let counters = writer.counters
        let failures = counters.writeFailures + counters.syncFailures + counters.linesDropped
        guard failures > reported else { return }
        reported = failures
        log.error(
            "the call log cannot keep up with the disk",
            [
                ("error", .text(String(cString: strerror(counters.lastError)))),
                ("lines_dropped", .number(counters.linesDropped)),
            ]
        )
    }

    /// Follows the log in the time that calls leave: a batch, then a pause as long as a few batches.
    private func index(_ directory: String) {
        let path = configuration.path(configuration.store.sqlitePath)
        do {
            let store = try DirectoryStore(path: path, at: Clock.wall())
            // It writes at the end of each index: more pages would only stay in memory after a burst.
            try store.database.run("PRAGMA cache_size = -512")
            let indexer = CallIndexer(database: store.database, directory: directory)
            var nextNote = Clock.now()
            while !finished.load(ordering: .acquiring) {
                let busy = Clock.now()
                let gaps = indexer.counters.gaps
                let hasMore = (try? indexer.advance()) ?? false
                if indexer.counters.gaps > gaps { tell(indexer) }
                if let lag = try? indexer.lagBytes() {
                    figures.lagBytes.store(lag, ordering: .relaxed)
                }
                if busy >= nextNote {
                    nextNote = busy + Limits.keyUsePause
                    noteKeyUses(store)
                }
                let spent = (Clock.now() - busy).nanoseconds / 1_000
                // At most a twentieth of one core, so that an index that lags behind costs no call.
                usleep(UInt32(clamping: max(hasMore ? spent * 20 : 0, 200_000)))
            }
        } catch {
            log.error("call records cannot be indexed", [("error", .text("\(error)"))])
        }
    }

    /// Records that are in no query and, with their files, in no log any more.
    private func tell(_ indexer: CallIndexer) {
        guard let gap = indexer.lastGap else { return }
        figures.filesMissed.add(gap.fileCount, ordering: .relaxed)
        log.warning(
            "files of the call log were removed before they were indexed: keep_files or rotate_bytes "
                + "is too small for this load",
            [
                ("files", .number(gap.fileCount)), ("first", .text(gap.firstName)),
                ("read_bytes", .number(gap.readBytes)), ("goes_on_with", .text(gap.nextName)),
                ("files_in_all", .number(indexer.counters.filesMissed)),
            ]
        )
    }

    private func noteKeyUses(_ store: DirectoryStore) {
        let uses = keyUses.takeAll()
        guard !uses.isEmpty else { return }
        do {
            try APIKeyRecords(store.database).note(uses: uses)
        } catch {
            log.warning("the use of API keys is not noted", [("error", .text("\(error)"))])
        }
    }
}
