import Glibc
import Primitives
import Store
import Synchronization
import Transport

/// The threads behind the rings: one writes records to the call log, one indexes the log for queries.
final class RecordThreads: Sendable {
    /// One for each loop.
    let rings: [LineRing]
    /// How both threads get on.
    let figures = RecordFigures()
    private let log: Log
    private let requests = Atomic<UInt32>(0)
    private let finished = Atomic<Bool>(false)
    /// The number of the newest file that the writer has removed.
    private let removedThrough = Atomic<Int>(0)
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
        var complaints = Complaints()
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
            let isRotating = request & Request.rotate != 0
            if isRotating || isEnding || now - lastSync >= configuration.records.sync {
                lastSync = now
                let hasBegunAnew = look(after: writer, at: wall, &complaints)
                if hasUnsynced || hasBegunAnew { hasUnsynced = !writer.sync() }
                if isRotating, !hasBegunAnew { writer.rotate(at: wall) }
            }
            removedThrough.store(writer.removedThrough, ordering: .releasing)
            reportFailures(writer, &complaints)
            if hasMore { continue }
            if isEnding {
                writer.sync()
                return
            }
            usleep(20_000)
        }
    }

    /// What the writing thread has told so far.
    private struct Complaints {
        var failureCount = 0
        var ofDisk = RateLimit(interval: .seconds(1))
        var ofPlace = RateLimit(interval: .seconds(10))
    }

    /// Looks whether what is written can be found; true when a new file had to be begun.
    private func look(
        after writer: CallLogWriter,
        at wall: WallTime,
        _ complaints: inout Complaints
    ) -> Bool {
        let presence = writer.look(at: wall)
        figures.hasLog.store(presence != .astray, ordering: .relaxed)
        switch presence {
        case .inPlace: return false
        case .begunAnew(let lost, let new):
            log.warning(
                "the call log was removed or moved while it was written, and goes on in a new file",
                [("file", .text(lost)), ("goes_on_with", .text(new))]
            )
            return true
        case .astray:
            guard complaints.ofPlace.pass(at: Clock.now()) != nil else { return false }
            log.error(
                "the call log is gone, and a new file cannot be begun: records wait, and are lost "
                    + "when too many wait",
                [
                    ("error", .text(String(cString: strerror(writer.counters.lastError)))),
                    ("waiting_bytes", .number(writer.pendingBytes)),
                    ("lines_dropped", .number(writer.counters.linesDropped)),
                ]
            )
            return false
        }
    }

    private func reportFailures(_ writer: CallLogWriter, _ complaints: inout Complaints) {
        let counters = writer.counters
        let failures = counters.writeFailures + counters.syncFailures
        figures.logFailures.store(failures + counters.rotationFailures, ordering: .relaxed)
        figures.linesDropped.store(counters.linesDropped, ordering: .relaxed)
        guard failures + counters.linesDropped > complaints.failureCount,
            complaints.ofDisk.pass(at: Clock.now()) != nil
        else { return }
        complaints.failureCount = failures + counters.linesDropped
        log.error(
            "the call log cannot keep up with the disk",
            [
                ("error", .text(String(cString: strerror(counters.lastError)))),
                ("lines_dropped", .number(counters.linesDropped)),
            ]
        )
    }

    /// Follows the log in the time that calls leave: a batch, then a pause twenty times as long.
    private func index(_ directory: String) {
        do {
            let store = try configuration.openStore(creating: false)
            // It writes at the end of each index: more pages would only stay in memory after a burst.
            try store.database.run("PRAGMA cache_size = -512")
            let indexer = CallIndexer(database: store.database, directory: directory)
            var nextNote = Clock.now()
            var complaints = RateLimit(interval: .seconds(60))
            while !finished.load(ordering: .acquiring) {
                let busy = Clock.now()
                let gaps = indexer.counters.gaps
                var hasMore = false
                do {
                    hasMore = try advance(indexer)
                } catch {
                    figures.indexFailures.add(1, ordering: .relaxed)
                    if complaints.pass(at: busy) != nil {
                        log.error(
                            "call records are not indexed for now",
                            [("error", .text("\(error)"))]
                        )
                    }
                }
                if indexer.counters.gaps > gaps { tell(indexer) }
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

    /// One batch into the index, or when there is none, one of old records out of it; false when there is
    /// nothing to do.
    private func advance(_ indexer: CallIndexer) throws -> Bool {
        let hasMore = try indexer.advance()
        figures.lagBytes.store(try indexer.lagBytes(), ordering: .relaxed)
        guard !hasMore else { return true }
        return try indexer.forget(removedThrough: removedThrough.load(ordering: .acquiring))
    }

    /// Records that are in no query and, with their files, in no log any more.
    private func tell(_ indexer: CallIndexer) {
        guard let gap = indexer.lastGap else { return }
        figures.filesMissed.add(gap.fileCount, ordering: .relaxed)
        let isRotation = gap.firstSequence <= removedThrough.load(ordering: .acquiring)
        log.warning(
            isRotation
                ? "files of the call log were removed before they were indexed: keep_files or "
                    + "rotate_bytes is too small for this load"
                : "files of the call log were removed or moved by somebody else before they were "
                    + "indexed",
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
