import Foundation
import Gateway
import Glibc
import Primitives
import Routing
import Testing

@Suite("Log lines")
struct LogTests {
    /// What a log writes for `tell`.
    private func written(
        _ format: Log.Format,
        threshold: Log.Level = .debug,
        loops: Int = 0,
        _ tell: (Log) -> Void
    ) throws -> String {
        let path = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString).log"
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL, 0o600)
        try #require(descriptor >= 0)
        defer {
            close(descriptor)
            unlink(path)
        }
        let log = Log(format: format, threshold: threshold, descriptor: descriptor, loops: loops)
        tell(log)
        log.flush()
        return try String(contentsOfFile: path, encoding: .utf8)
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

    @Test("a loop's own lines are the same, whichever way they are written")
    func loopLog() throws {
        let number = try #require(PhoneNumber("+14155550100"))
        let text = try written(.logfmt, loops: 1) { log in
            let loop = log.loopLog(0)
            loop.info("call refused", [("reason", "unknown_number"), ("status", 404)])
            loop.write(.info, "call refused") { line in
                line.add("reason", "unknown_number")
                line.add("status", 404)
            }
            loop.write(.debug, "call") { line in
                line.add("call", hexadecimal: 0xAB)
                line.add("number", masking: number)
                line.add("source", IPEndpoint(address: .loopbackIPv4, port: 5_060))
                line.add("known", true)
                line.add("text", hostile)
            }
        }
        let lines = text.split(separator: "\n").map { $0.drop { $0 != " " } }
        try #require(lines.count == 3)
        #expect(lines[0] == lines[1])
        #expect(
            lines[2].hasPrefix(
                " level=debug event=\"call\" call=\"00000000000000ab\" number=\"\(number)\""
                    + " source=\"127.0.0.1:5060\" known=true text="
            )
        )
    }

    @Test("a loop whose ring is full loses lines, and the log says how many")
    func fullRing() throws {
        let text = try written(.logfmt, loops: 2) { log in
            let first = log.loopLog(0)
            for _ in 0..<300 { first.info(String(repeating: "x", count: 1_000)) }
            log.loopLog(1).info("another loop")
            log.info("another thread")
            log.flush()
        }
        let lost = try #require(text.firstRange(of: " lines="))
        let count = try #require(Int(text[lost.upperBound...].prefix { $0.isNumber }))
        #expect(count > 0 && count < 300)
        #expect(text.count { $0 == "\n" } == 300 - count + 3)
        #expect(text.contains("another loop"))
        #expect(text.contains("another thread"))
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
        let text = try written(.logfmt) { log in
            for _ in 0..<4 { log.info(String(repeating: "x", count: 600_000)) }
            log.flush()
        }
        let lines = text.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.last?.hasSuffix(" lines=3") == true)
    }
}
