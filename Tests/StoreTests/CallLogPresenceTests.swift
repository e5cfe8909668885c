import Foundation
import Glibc
import Primitives
import Store
import Testing

@Suite("A call log that somebody takes away")
struct CallLogPresenceTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private var directory: String { folder.file("calls") }

    private func writer(
        _ limits: CallLogWriter.Limits = CallLogWriter.Limits()
    ) throws -> CallLogWriter {
        try CallLogWriter(directory: directory, limits: limits, at: Sample.now)
    }

    /// All lines of all files in order, as one text.
    private func log() throws -> String {
        let bytes = try names.flatMap { try folder.bytes("calls/\($0)") }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func append(_ text: String, to writer: CallLogWriter) {
        let bytes = Array(text.utf8)
        writer.append(lines: bytes.span, at: Sample.now)
    }

    private var names: [String] { get throws { try CallLogFile.all(in: directory).map(\.name) } }

    @Test("a file that is removed is followed by a new one, with what came since the last look")
    func followsRemoval() throws {
        let writer = try writer()
        append("old\n", to: writer)
        #expect(writer.look(at: Sample.now) == .inPlace)
        let first = try names[0]
        append("before\n", to: writer)
        try folder.remove("calls/\(first)")
        append("after\n", to: writer)
        let presence = writer.look(at: Sample.now)
        let second = try #require(try names.first)
        #expect(presence == .begunAnew(lost: first, new: second))
        append("next\n", to: writer)
        #expect(writer.sync())
        #expect(try log() == "before\nafter\nnext\n")
        #expect(try CallLogFile.all(in: directory).map(\.sequence) == [2])
        #expect(writer.look(at: Sample.now) == .inPlace)
    }

    @Test("a file that is moved keeps its lines, and a new one is begun")
    func followsMove() throws {
        let writer = try writer()
        append("one\n", to: writer)
        let first = try names[0]
        try FileManager.default.moveItem(
            atPath: "\(directory)/\(first)",
            toPath: folder.file("moved")
        )
        append("two\n", to: writer)
        #expect(writer.look(at: Sample.now) != .inPlace)
        append("three\n", to: writer)
        #expect(try folder.bytes("moved") == Array("one\ntwo\n".utf8))
        #expect(try log() == "three\n")
    }

    @Test("while the folder is gone lines wait, then are dropped and counted; both end with it")
    func waitsForFolder() throws {
        let writer = try writer(CallLogWriter.Limits(pendingBytes: 12))
        append("one\n", to: writer)
        try folder.remove("calls")
        #expect(writer.look(at: Sample.now) == .astray)
        for line in ["two\n", "tre\n", "fyr\n"] { append(line, to: writer) }
        #expect(!writer.sync())
        #expect(!writer.rotate(at: Sample.now))
        #expect(writer.look(at: Sample.now) == .astray)
        #expect(writer.counters.linesDropped == 1)
        #expect(writer.counters.rotationFailures > 0)
        #expect(writer.counters.lastError == ENOENT)
        #expect(mkdir(directory, 0o750) == 0)
        #expect(writer.look(at: Sample.now) != .astray)
        #expect(try log() == "one\ntwo\ntre\n")
        let error = #expect(throws: StoreError.self) { _ = try self.writer() }
        #expect(error?.kind == .busy)
    }
}
