import Glibc
import Primitives

/// Appends call records to files, a JSON object on each line, for one thread.
///
/// What the disk does not take is kept, up to a bound, and written later: a line is never torn in the
/// middle of a file. Above the bound whole lines are dropped and counted. A line that a crash tore at
/// the end is cut off at the next start.
package final class CallLogWriter {
    package private(set) var counters = Counters()
    private let directory: String
    private let limits: Limits
    private let write: WriteBytes
    private var lock: Int32
    private var descriptor: Int32
    private var file: CallLogFile
    private var fileBytes: Int
    /// How much was in the file when it was last seen under its name, and nothing waited.
    private var seenBytes: Int
    /// Whether nobody finds what is written: the file that is open has lost its name, and no other one
    /// could be begun.
    ///
    /// Lines wait as they do for a full disk.
    private var isAstray = false
    /// The number of the newest file that a rotation has removed; 0: none yet.
    package private(set) var removedThrough = 0
    /// What is still to be written to the file that is open; begins within a line if one is half there.
    private var pending: [UInt8] = []
    private var hasUnsyncedBytes = false

    /// When the log is synced and rotated, and how much of it is kept.
    package struct Limits: Sendable {
        /// A file of a few minutes at full load, and small enough to be looked at.
        var fileBytes: Int
        /// With the file size, the disk that the log may take.
        var filesKept: Int
        /// What may wait for a full disk: some seconds at full load.
        package var pendingBytes: Int

        package init(
            fileBytes: Int = 64 << 20,
            filesKept: Int = 16,
            pendingBytes: Int = 8 << 20
        ) {
            self.fileBytes = max(fileBytes, 1)
            self.filesKept = max(filesKept, 1)
            self.pendingBytes = max(pendingBytes, 0)
        }
    }

    /// What has happened since the start.
    package struct Counters: Hashable, Sendable {
        package var bytesWritten = 0
        package var linesDropped = 0
        package var writeFailures = 0
        package var syncFailures = 0
        package var rotations = 0
        package var rotationFailures = 0
        /// What a crash left of a line at the end of the newest file.
        package var tornBytesCut = 0
        /// `errno` of the last failure; 0 when there was none.
        package var lastError: Int32 = 0
    }

    /// Writes to a file descriptor as write(2) does: the count taken, or a negative `errno`.
    package typealias WriteBytes = (Int32, UnsafeRawBufferPointer) -> Int

    /// Opens the newest file of the log, or the first; only one writer may have a folder.
    package init(
        directory: String,
        limits: Limits = Limits(),
        at now: WallTime,
        write: @escaping WriteBytes = CallLogWriter.writeToDisk
    ) throws {
        self.directory = directory
        self.limits = limits
        self.write = write
        mkdir(directory, 0o750)
        lock = try Self.lock(directory)
        do {
            let newest = try CallLogFile.all(in: directory).last
            file = newest ?? CallLogFile(sequence: 1, at: now)
            descriptor = try Self.open("\(directory)/\(file.name)", flags: O_CREAT)
        } catch {
            close(lock)
            throw error
        }
        let size = Int(lseek(descriptor, 0, SEEK_END))
        fileBytes = Self.endOfLastLine(descriptor, size: size)
        if fileBytes < size {
            counters.tornBytesCut = size - fileBytes
            ftruncate(descriptor, off_t(fileBytes))
        }
        seenBytes = fileBytes
        syncDirectory()
    }

    deinit {
        sync()
        close(descriptor)
        close(lock)
    }

    /// How many bytes wait for a disk that does not take them.
    package var pendingBytes: Int { pending.count }

    /// Appends whole lines, each with its line end; goes on to a new file when this one is full.
    package func append(lines: Span<UInt8>, at now: WallTime) {
        guard lines.count > 0 else { return }
        guard !isAstray else { return keep(lines, from: 0) }
        if fileBytes > 0, fileBytes + lines.count > limits.fileBytes { rotate(at: now) }
        flush()
        guard pending.isEmpty else { return keep(lines, from: 0) }
        let written = lines.withUnsafeBytes { put($0) }
        if written < lines.count { keep(lines, from: written) }
    }

    /// Writes what waits and makes everything durable; false when something is not.
    @discardableResult
    package func sync() -> Bool {
        guard !isAstray else { return false }
        flush()
        guard hasUnsyncedBytes else { return pending.isEmpty }
        guard fdatasync(descriptor) == 0 else {
            counters.syncFailures += 1
            counters.lastError = errno
            return false
        }
        hasUnsyncedBytes = false
        return pending.isEmpty
    }

    /// Goes on to a new file and removes the oldest above the number kept.
    ///
    /// While bytes wait the old file stays, because one of its lines may be half written.
    @discardableResult
    package func rotate(at now: WallTime) -> Bool {
        guard sync(), begin(CallLogFile(sequence: file.sequence + 1, at: now)) else { return false }
        removeOldFiles()
        return true
    }

    private func begin(_ next: CallLogFile) -> Bool {
        guard let opened = try? Self.open("\(directory)/\(next.name)", flags: O_CREAT | O_EXCL)
        else {
            counters.rotationFailures += 1
            counters.lastError = errno
            return false
        }
        close(descriptor)
        descriptor = opened
        file = next
        fileBytes = 0
        seenBytes = 0
        counters.rotations += 1
        syncDirectory()
        return true
    }

    // MARK: - Presence

    /// What has become of the file that is open.
    package enum Presence: Hashable, Sendable {
        case inPlace
        /// It was removed, moved or replaced, and what comes goes to a new file.
        case begunAnew(lost: String, new: String)
        /// The same, and there is no new file: lines wait, and above the bound they are dropped.
        case astray
    }

    /// Looks whether the open file is where its name says; one that is not is followed by a new one.
    ///
    /// What was written to a removed file since the last look is written again. The folder is not made
    /// again when it is gone: whatever took it away may be at work still.
    package func look(at now: WallTime) -> Presence {
        if !isAstray {
            var open = stat()
            let named = FileIdentity("\(directory)/\(file.name)")
            guard fstat(descriptor, &open) == 0, named != FileIdentity(open) else {
                if pending.isEmpty { seenBytes = fileBytes }
                return .inPlace
            }
            isAstray = true
            // A line that is half in the old file belongs whole into the new one.
            if open.st_nlink == 0 || !pending.isEmpty { takeBack() }
        }
        let lost = file.name
        let newest = (try? CallLogFile.all(in: directory))?.last?.sequence ?? 0
        let next = CallLogFile(sequence: max(file.sequence, newest) + 1, at: now)
        guard lockAgain(), begin(next) else { return .astray }
        isAstray = false
        flush()
        return .begunAnew(lost: lost, new: next.name)
    }

    /// Puts what was written since the last look before what waits.
    private func takeBack() {
        var bytes = [UInt8](repeating: 0, count: max(fileBytes - seenBytes, 0))
        let count = pread(descriptor, &bytes, bytes.count, off_t(seenBytes))
        pending.insert(contentsOf: bytes.prefix(max(count, 0)), at: 0)
    }

    /// A lock that was removed with its folder holds nobody off the new one.
    private func lockAgain() -> Bool {
        var held = stat()
        guard fstat(lock, &held) == 0, FileIdentity("\(directory)/lock") != FileIdentity(held)
        else { return true }
        guard let new = try? Self.lock(directory) else {
            counters.rotationFailures += 1
            counters.lastError = errno
            return false
        }
        close(lock)
        lock = new
        return true
    }

    // MARK: - Bytes

    private func flush() {
        guard !pending.isEmpty else { return }
        let written = pending.withUnsafeBytes { put($0) }
        pending.removeFirst(written)
    }

    /// Writes as much as the disk takes; returns how much that was.
    private func put(_ bytes: UnsafeRawBufferPointer) -> Int {
        var done = 0
        while done < bytes.count {
            let count = write(descriptor, UnsafeRawBufferPointer(rebasing: bytes[done...]))
            if count == -Int(EINTR) { continue }
            guard count > 0 else {
                counters.writeFailures += 1
                counters.lastError = Int32(clamping: -count)
                break
            }
            done += min(count, bytes.count - done)
        }
        fileBytes += done
        counters.bytesWritten += done
        hasUnsyncedBytes = hasUnsyncedBytes || done > 0
        return done
    }

    /// Keeps the lines from `start` for later, as many as the bound allows.
    ///
    /// If `start` is within a line, the rest of that line is kept in any case: its beginning is in the
    /// file already.
    private func keep(_ lines: Span<UInt8>, from start: Int) {
        var end = start
        var isFirst = start > 0 && lines[start - 1] != ASCII.lineFeed
        while end < lines.count {
            let lineEnd = (lines.firstIndex(of: ASCII.lineFeed, from: end) ?? lines.count - 1) + 1
            guard isFirst || pending.count + lineEnd - start <= limits.pendingBytes else { break }
            end = lineEnd
            isFirst = false
        }
        lines.extracting(start..<end).withUnsafeBytes { pending.append(contentsOf: $0) }
        var index = end
        while index < lines.count {
            if lines[index] == ASCII.lineFeed { counters.linesDropped += 1 }
            index += 1
        }
    }

    // MARK: - Files

    private func removeOldFiles() {
        guard let files = try? CallLogFile.all(in: directory) else { return }
        for old in files.dropLast(limits.filesKept) {
            unlink("\(directory)/\(old.name)")
            removedThrough = old.sequence
        }
    }

    /// A new name in a folder is durable only when the folder is (fsync(2)).
    private func syncDirectory() {
        let folder = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return }
        fsync(folder)
        close(folder)
    }

    private static func open(_ path: String, flags: Int32) throws -> Int32 {
        let descriptor = Glibc.open(path, O_RDWR | O_APPEND | O_CLOEXEC | flags, 0o640)
        guard descriptor >= 0 else {
            throw StoreError(.cannotOpen, "\(path): \(String(cString: strerror(errno)))")
        }
        return descriptor
    }

    private static func lock(_ directory: String) throws -> Int32 {
        let lock = try open("\(directory)/lock", flags: O_CREAT)
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            close(lock)
            throw StoreError(.busy, "another daemon writes the call log in \(directory)")
        }
        return lock
    }

    /// The offset after the last line end; what follows it is a line that a crash tore.
    private static func endOfLastLine(_ descriptor: Int32, size: Int) -> Int {
        var end = size
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while end > 0 {
            let start = max(0, end - chunk.count)
            let count = pread(descriptor, &chunk, end - start, off_t(start))
            // What cannot be read cannot be judged: leave it as it is.
            guard count == end - start else { return size }
            if let last = chunk[..<count].lastIndex(of: ASCII.lineFeed) { return start + last + 1 }
            end = start
        }
        return 0
    }

    /// write(2).
    package static func writeToDisk(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        let count = Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        return count >= 0 ? count : -Int(errno)
    }
}
