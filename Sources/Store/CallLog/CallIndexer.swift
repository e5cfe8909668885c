import Glibc
import Primitives

/// Follows the call log into the store, so that records can be asked for.
///
/// How far it has come is committed with the rows, so that it goes on where it stopped, and a line that
/// is read twice is stored once. Calls never wait for it.
package final class CallIndexer {
    package private(set) var counters = Counters()
    private let database: Database
    private let directory: String
    private var events: CallEvents
    /// The oldest file of the log when all records before it had been removed.
    private var forgottenBefore: CallLogFile?

    package struct Counters: Hashable, Sendable {
        package var records = 0
        package var events = 0
        /// Lines that are no record: torn by a crash, or damaged.
        package var malformedLines = 0
        /// Events that came without a record of their call, and wait for it.
        package var unmatchedEvents = 0
        /// Times that the file which was being read was removed before its end was seen.
        package var gaps = 0
        /// Files that were removed so, and those between them and the next that is there.
        package var filesMissed = 0
    }

    /// What was removed before it was read.
    package struct Gap: Hashable, Sendable {
        /// The file that was being read, and how much of it had been.
        package var firstName: String
        package var firstSequence: Int
        package var readBytes: Int
        package var nextName: String
        package var fileCount: Int
    }

    /// The last of `counters.gaps`.
    package private(set) var lastGap: Gap?

    /// The connection is the indexer's own: another thread has another.
    package init(database: Database, directory: String) {
        self.database = database
        self.directory = directory
        events = CallEvents(database)
    }

    /// Indexes until there is nothing new; returns how many records and events were stored.
    @discardableResult
    package func catchUp() throws -> Int {
        let before = counters
        while try advance() {}
        return counters.records + counters.events - before.records - before.events
    }

    /// Indexes one batch in one transaction; false when there was nothing new.
    package func advance() throws -> Bool {
        // The list comes first: when it has a newer file, this one has got its last line already.
        let files = try CallLogFile.all(in: directory)
        guard let place = try startingPlace(in: files) else { return false }
        let next = files.first { $0 > place.file }
        let chunk = try read(place)
        let whole = chunk.lastIndex(of: ASCII.lineFeed).map { $0 + 1 } ?? 0
        if whole > 0 {
            try store(chunk[..<whole], then: Place(file: place.file, offset: place.offset + whole))
            return true
        }
        if chunk.count == Self.chunkBytes {
            // A line longer than any record: pass over it in pieces.
            counters.malformedLines += 1
            try store([], then: Place(file: place.file, offset: place.offset + chunk.count))
            return true
        }
        guard let next else { return false }
        if !chunk.isEmpty { counters.malformedLines += 1 }
        try store([], then: Place(file: next, offset: 0))
        return true
    }

    /// Removes records that no file of the log has any more, at most `limit` of them; true when there may
    /// be others.
    ///
    /// Only what rotation has taken counts, the files up to the number `removedThrough`: where somebody
    /// else removed files, the index is the one place that still has their records.
    package func forget(removedThrough: Int, limit: Int = 200) throws -> Bool {
        guard removedThrough > 0, forgottenBefore?.sequence != removedThrough + 1,
            let oldest = try CallLogFile.all(in: directory).first,
            oldest.sequence == removedThrough + 1, let start = oldest.startedAt
        else { return false }
        let end = WallTime(microseconds: start.microseconds - Self.forgetMarginMicroseconds)
        let removed = try CallRecords(database).remove(before: end, limit: limit)
        if removed < limit { forgottenBefore = oldest }
        return removed == limit
    }

    /// How much of the log is not indexed yet, in bytes.
    package func lagBytes() throws -> Int {
        let files = try CallLogFile.all(in: directory)
        let stored = try storedPlace()
        return files.reduce(0) { sum, file in
            guard let size = fileSize(file) else { return sum }
            guard let stored, file <= stored.file else { return sum + size }
            return file == stored.file ? sum + max(size - stored.offset, 0) : sum
        }
    }

    private func fileSize(_ file: CallLogFile) -> Int? {
        var status = stat()
        return stat("\(directory)/\(file.name)", &status) == 0 ? Int(status.st_size) : nil
    }

    private struct Place {
        var file: CallLogFile
        var offset: Int
    }

    private func startingPlace(in files: [CallLogFile]) throws -> Place? {
        guard let oldest = files.first else { return nil }
        guard let stored = try storedPlace() else { return Place(file: oldest, offset: 0) }
        if files.contains(stored.file) { return stored }
        // Without a newer file the log has begun anew, its numbers with it: somebody emptied the folder.
        let next = Place(file: files.first { $0 > stored.file } ?? oldest, offset: 0)
        // Written down at once, because a gap counts once, however long the next line takes to come.
        try store([], then: next)
        let fileCount = max(next.file.sequence - stored.file.sequence, 1)
        counters.gaps += 1
        counters.filesMissed += fileCount
        lastGap = Gap(
            firstName: stored.file.name,
            firstSequence: stored.file.sequence,
            readBytes: stored.offset,
            nextName: next.file.name,
            fileCount: fileCount
        )
        return next
    }

    private func storedPlace() throws -> Place? {
        let stored = try database.statement(
            "SELECT file, offset FROM call_log_position WHERE log = 'calls'"
        ).first { row in (CallLogFile(name: row.text(0)), Int(row.integer(1))) }
        guard let (file, offset) = stored, let file else { return nil }
        return Place(file: file, offset: max(offset, 0))
    }

    private func read(_ place: Place) throws -> [UInt8] {
        let path = "\(directory)/\(place.file.name)"
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw StoreError(.cannotOpen, "\(path): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var failure: Int32 = 0
        let chunk = [UInt8](unsafeUninitializedCapacity: Self.chunkBytes) { room, count in
            let read = pread(descriptor, room.baseAddress, room.count, off_t(place.offset))
            if read < 0 { failure = errno }
            count = max(read, 0)
        }
        guard failure == 0 else {
            throw StoreError(.inputOutput, "\(path): \(String(cString: strerror(failure)))")
        }
        return chunk
    }

    private func store(_ lines: ArraySlice<UInt8>, then place: Place) throws {
        let before = counters
        do {
            try database.writing {
                try events.begin()
                for line in lines.split(separator: ASCII.lineFeed) { try store(Array(line)) }
                try database.run(
                    """
                    INSERT INTO call_log_position (log, file, offset) VALUES ('calls', ?, ?)
                    ON CONFLICT (log) DO UPDATE SET file = excluded.file, offset = excluded.offset
                    """,
                    [.text(place.file.name), SQLValue(place.offset)]
                )
            }
        } catch {
            counters = before
            throw error
        }
    }

    private func store(_ line: [UInt8]) throws {
        switch CallLogLine(line) {
        case .record(let record): try store(record)
        case .event(let event): try store(event)
        case nil: counters.malformedLines += 1
        }
    }

    private func store(_ row: CallRecordRow) throws {
        var row = row
        if try !insert(row), let step = try nextStep(for: row) {
            row.step = step
            _ = try insert(row)
        }
        counters.events += try events.storeWaiting(for: row)
    }

    /// The step of a further decision about a call where the log gave two decisions the same one; nil for
    /// a decision that is stored already.
    ///
    /// Loops do not know of each other's decisions: an INVITE that was forked to two of our numbers may
    /// have come to two loops, each of which takes its own for the first.
    private func nextStep(for row: CallRecordRow) throws -> Int? {
        try database.statement(
            """
            SELECT max(step) + 1 FROM call_records WHERE id = ?1
            HAVING NOT max(dialled IS ?2 AND (step = ?3 OR time = ?4))
            """
        ).first([
            SQLValue(row.id), SQLValue(row.dialled), SQLValue(row.step),
            .integer(row.time.microseconds),
        ]) { Int($0.integer(0)) }
    }

    /// False: the call has a record with this step.
    private func insert(_ row: CallRecordRow) throws -> Bool {
        let added = try database.statement(
            """
            INSERT OR IGNORE INTO call_records (id, time, door, outcome, organization_id, number,
                dialled, caller, trunk_id, credential_id, call_id, source, transport, rule,
                agent_id, agent_version, targets, reason, status, micros, explanation, step,
                left_out, attestation, input, label)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        ).run([
            SQLValue(row.id), .integer(row.time.microseconds), SQLValue(row.door),
            SQLValue(row.outcome), SQLValue(row.organization), SQLValue(row.number),
            SQLValue(row.dialled), SQLValue(row.caller), SQLValue(row.trunk),
            SQLValue(row.credential), SQLValue(row.callID), SQLValue(row.source),
            SQLValue(row.transport), SQLValue(row.rule), SQLValue(row.agent),
            SQLValue(row.agentVersion), SQLValue(row.targets), SQLValue(row.reason),
            SQLValue(row.status), SQLValue(row.microseconds), SQLValue(row.explanation),
            SQLValue(row.step), SQLValue(row.leftOut), SQLValue(row.attestation),
            SQLValue(row.input), SQLValue(row.label),
        ])
        counters.records += added
        return added > 0
    }

    private func store(_ event: CallEventRow) throws {
        switch try events.store(event) {
        case .stored: counters.events += 1
        case .known: break
        case .waiting: counters.unmatchedEvents += 1
        }
    }

    /// About 700 lines: other writers of the store wait some hundredths of a second at most.
    private static let chunkBytes = 262_144
    /// A call is decided before its line is written, by seconds if the disk does not keep up.
    private static let forgetMarginMicroseconds: Int64 = 60_000_000
}
