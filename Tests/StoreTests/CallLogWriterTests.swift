import Glibc
import Primitives
import Store
import Synchronization
import Testing

@Suite("Writing the call log")
struct CallLogWriterTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private var directory: String { folder.file("calls") }

    private func writer(
        _ limits: CallLogWriter.Limits = CallLogWriter.Limits(),
        write: @escaping CallLogWriter.WriteBytes = CallLogWriter.writeToDisk
    ) throws -> CallLogWriter {
        try CallLogWriter(directory: directory, limits: limits, at: Sample.now, write: write)
    }

    /// All lines of all files in order, as one text.
    private func log() throws -> String {
        let files = try CallLogFile.all(in: directory)
        let bytes = try files.flatMap { try folder.bytes("calls/\($0.name)") }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func append(_ text: String, to writer: CallLogWriter) {
        let bytes = Array(text.utf8)
        writer.append(lines: bytes.span, at: Sample.now)
    }

    @Test("lines are appended to a file that names its number and its start")
    func appendsLines() throws {
        let writer = try writer()
        append("{\"a\":1}\n{\"a\":2}\n", to: writer)
        append("{\"a\":3}\n", to: writer)
        #expect(writer.sync())
        #expect(try log() == "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n")
        #expect(
            try CallLogFile.all(in: directory).map(\.name) == [
                "calls-00000001-20261118T110640Z.jsonl"
            ]
        )
        #expect(writer.counters.bytesWritten == 24)
    }

    @Test("a later start goes on in the same file")
    func continuesFile() throws {
        do { append("one\n", to: try writer()) }
        append("two\n", to: try writer())
        #expect(try log() == "one\ntwo\n")
    }

    @Test(
        "a line that a crash tore at the end is cut off, and counted",
        arguments: [
            ("whole\n{\"id\":\"0123", "whole\n", 11), ("{\"never", "", 7), ("a\nb\n", "a\nb\n", 0),
            ("", "", 0),
            ("a\n\0\0\0\0", "a\n", 4),
        ]
    )
    func cutsTornLine(found: String, kept: String, cut: Int) throws {
        do { _ = try writer() }
        let name = try #require(try CallLogFile.all(in: directory).first?.name)
        try folder.append(found, to: "calls/\(name)")
        let writer = try writer()
        #expect(writer.counters.tornBytesCut == cut)
        append("next\n", to: writer)
        #expect(try log() == kept + "next\n")
    }

    @Test("a torn line longer than one read is found too")
    func cutsLongTornLine() throws {
        do { append("whole\n", to: try writer()) }
        let name = try #require(try CallLogFile.all(in: directory).first?.name)
        try folder.append(String(repeating: "x", count: 200_000), to: "calls/\(name)")
        #expect(try writer().counters.tornBytesCut == 200_000)
        #expect(try log() == "whole\n")
    }

    @Test("a full file is followed by a new one, and the oldest go")
    func rotatesBySize() throws {
        let writer = try writer(CallLogWriter.Limits(fileBytes: 10, filesKept: 3))
        for line in 0..<9 { append("line\(line)\n", to: writer) }
        #expect(try CallLogFile.all(in: directory).map(\.sequence) == [7, 8, 9])
        #expect(try log() == "line6\nline7\nline8\n")
        #expect(writer.counters.rotations == 8)
    }

    @Test("a batch larger than a file stays in one file, whole")
    func keepsBatchesWhole() throws {
        let writer = try writer(CallLogWriter.Limits(fileBytes: 10, filesKept: 3))
        append("aaaaaaaaaaaaaaaaaaaa\nb\n", to: writer)
        append("c\n", to: writer)
        #expect(try CallLogFile.all(in: directory).map(\.sequence) == [1, 2])
        #expect(try log() == "aaaaaaaaaaaaaaaaaaaa\nb\nc\n")
    }

    @Test("a new file is begun on demand")
    func rotatesOnDemand() throws {
        let writer = try writer()
        append("a\n", to: writer)
        #expect(writer.rotate(at: WallTime(seconds: 1_795_000_060)))
        append("b\n", to: writer)
        #expect(try log() == "a\nb\n")
        #expect(try CallLogFile.all(in: directory).map(\.sequence) == [1, 2])
    }

    @Test("only one daemon writes a log")
    func locksFolder() throws {
        let first = try writer()
        let error = #expect(throws: StoreError.self) { _ = try writer() }
        #expect(error?.kind == .busy)
        append("a\n", to: first)
        #expect(try log() == "a\n")
    }

    @Test("other files in the folder are let alone")
    func leavesOtherFiles() throws {
        do { _ = try writer() }
        try folder.write(Array("mine".utf8), to: "calls/calls-notes.txt")
        let writer = try writer(CallLogWriter.Limits(fileBytes: 1, filesKept: 1))
        for _ in 0..<5 { append("a\n", to: writer) }
        #expect(try folder.bytes("calls/calls-notes.txt") == Array("mine".utf8))
    }
}

@Suite("Writing the call log to a disk that fails")
struct CallLogFaultTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func log() throws -> String {
        let files = try CallLogFile.all(in: folder.path)
        let bytes = try files.flatMap { try folder.bytes($0.name) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func append(_ text: String, to writer: CallLogWriter) {
        let bytes = Array(text.utf8)
        writer.append(lines: bytes.span, at: Sample.now)
    }

    @Test("a full disk delays lines and tears none")
    func waitsForFullDisk() throws {
        let room = Mutex(7)
        let writer = try CallLogWriter(directory: folder.path, at: Sample.now) { file, bytes in
            room.withLock { room in
                guard room > 0 else { return -Int(ENOSPC) }
                let part = UnsafeRawBufferPointer(rebasing: bytes.prefix(room))
                let count = CallLogWriter.writeToDisk(file, part)
                room -= count
                return count
            }
        }
        append("first\nsecond\n", to: writer)
        #expect(try log() == "first\ns")
        #expect(writer.pendingBytes == 6)
        append("third\n", to: writer)
        #expect(writer.sync() == false)
        #expect(writer.counters.lastError == ENOSPC)
        #expect(writer.rotate(at: Sample.now) == false)
        room.withLock { $0 = 100 }
        #expect(writer.sync())
        #expect(try log() == "first\nsecond\nthird\n")
        #expect(writer.counters.linesDropped == 0)
        #expect(writer.rotate(at: Sample.now))
    }

    @Test("above the bound whole lines are dropped and counted, never part of one")
    func dropsWholeLines() throws {
        let isFull = Mutex(false)
        let limits = CallLogWriter.Limits(pendingBytes: 12)
        let writer = try CallLogWriter(directory: folder.path, limits: limits, at: Sample.now) {
            file,
            bytes in
            guard isFull.withLock({ $0 }) else {
                // The disk takes three octets and is full.
                isFull.withLock { $0 = true }
                let part = UnsafeRawBufferPointer(rebasing: bytes.prefix(3))
                return CallLogWriter.writeToDisk(file, part)
            }
            return -Int(ENOSPC)
        }
        append("aaaaaaaaaaaaaaaaaaaa\nbbb\nccc\nddd\n", to: writer)
        // The line whose beginning is in the file is kept, though it is above the bound.
        #expect(writer.pendingBytes == 18)
        #expect(writer.counters.linesDropped == 3)
        append("eee\n", to: writer)
        #expect(writer.counters.linesDropped == 4)
    }

    @Test(
        "whatever the disk does, each line is in the log whole and once, in order",
        arguments: 0..<20
    )
    func survivesRandomDisk(seed: UInt64) throws {
        let generator = Mutex(SeededRandom(seed: seed))
        let limits = CallLogWriter.Limits(fileBytes: 400, filesKept: 1_000)
        var expected = ""
        do {
            let writer = try CallLogWriter(directory: folder.path, limits: limits, at: Sample.now) {
                file,
                bytes in
                let (dice, share) = generator.withLock { generator in
                    let dice = Int.random(in: 0..<10, using: &generator)
                    return (dice, Int.random(in: 0...bytes.count, using: &generator))
                }
                switch dice {
                case 0: return -Int(EINTR)
                case 1: return -Int(ENOSPC)
                case 2: return -Int(EIO)
                case 3...6:
                    let part = UnsafeRawBufferPointer(rebasing: bytes.prefix(max(share, 1)))
                    return CallLogWriter.writeToDisk(file, part)
                default: return CallLogWriter.writeToDisk(file, bytes)
                }
            }
            for batch in 0..<100 {
                let lines = (0..<(batch % 5 + 1)).map { "{\"batch\":\(batch),\"line\":\($0)}\n" }
                expected += lines.joined()
                append(lines.joined(), to: writer)
            }
            for _ in 0..<100 where writer.pendingBytes > 0 { writer.sync() }
            #expect(writer.counters.linesDropped == 0)
            #expect(writer.counters.writeFailures > 0)
        }
        #expect(try log() == expected)
    }
}
