import Foundation
import Gateway
import Glibc
import Testing

@Suite("Log lines")
struct LogTests {
    /// What a log writes for `tell`.
    private func written(
        _ format: Log.Format,
        threshold: Log.Level = .debug,
        _ tell: (Log) -> Void
    ) throws -> String {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let log = Log(format: format, threshold: threshold, descriptor: ends[1])
        tell(log)
        log.flush()
        close(ends[1])
        defer { close(ends[0]) }
        var text: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 65_536)
        while case let count = read(ends[0], &room, room.count), count > 0 {
            text += room[..<count]
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Every control, separator and mark that can forge a line or turn its text round.
    private let hostile =
        "a\nb\r\nc\u{0}\u{1B}[2J\u{7F}\u{85}\u{9B}\u{2028}\u{2029}\u{202E}\u{2066}\u{200F}\"\\"

    @Test("one event is one line, whatever a peer put into it", arguments: Log.Format.allCases)
    func oneLine(format: Log.Format) throws {
        let text = try written(format) { log in
            log.warning(hostile, [("text", .text(hostile)), ("count", 3), ("flag", .flag(true))])
        }
        #expect(text.last == "\n")
        #expect(text.utf8.count { $0 == 0x0A } == 1)
        let unsafe = text.unicodeScalars.dropLast().filter { scalar in
            switch scalar.value {
            case 0..<0x20, 0x7F...0x9F, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: true
            default: false
            }
        }
        #expect(unsafe.isEmpty)
    }

    @Test("a line for people is logfmt: time, level, event, then what belongs to it")
    func logfmt() throws {
        let text = try written(.logfmt) { log in
            log.info("call refused", [("reason", "unknown_number"), ("status", 404)])
        }
        #expect(text.hasPrefix("time="))
        #expect(
            text.hasSuffix(
                " level=info event=\"call refused\" reason=\"unknown_number\" status=404\n"
            )
        )
    }

    @Test(
        "a line for journald is one JSON object behind its priority",
        arguments: zip([Log.Level.error, .warning, .info, .debug], ["<3>", "<4>", "<6>", "<7>"])
    )
    func json(level: Log.Level, priority: String) throws {
        let text = try written(.json) { log in
            switch level {
            case .error: log.error(hostile, [("key", .text(hostile))])
            case .warning: log.warning(hostile, [("key", .text(hostile))])
            case .info: log.info(hostile, [("key", .text(hostile))])
            case .debug: log.debug(hostile, [("key", .text(hostile))])
            }
        }
        #expect(text.hasPrefix(priority))
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(text.dropFirst(3).utf8))
                as? [String: String]
        )
        #expect(object["level"] == level.name)
        #expect(object["event"] == hostile)
        #expect(object["key"] == hostile)
    }

    @Test("lines below the threshold are not written")
    func threshold() throws {
        let text = try written(.logfmt, threshold: .warning) { log in
            log.debug("a")
            log.info("b")
            log.warning("c")
            log.error("d")
        }
        #expect(text.split(separator: "\n").count == 2)
    }

    @Test("a queue that is full drops lines and says how many")
    func overflow() throws {
        let path = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString).log"
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL, 0o600)
        try #require(descriptor >= 0)
        defer {
            close(descriptor)
            unlink(path)
        }
        let log = Log(format: .logfmt, descriptor: descriptor)
        for _ in 0..<4 { log.info(String(repeating: "x", count: 600_000)) }
        log.flush()
        log.flush()
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.last?.hasSuffix(" lines=3") == true)
    }
}
