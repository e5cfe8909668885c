import Foundation
import Testing

/// The tables of RFC rules, read and held against the sources and the tests that they name.
@Suite("the tables of RFC rules")
struct RuleTableTests {
    static let tables = ["Sources/SIP/RFC.md", "Sources/HTTP/RFC.md"]

    /// What the SIP table must cover.
    static let sections = [
        "RFC 3261 §7", "RFC 3261 §8.2", "RFC 3261 §9.2", "RFC 3261 §17.2", "RFC 3261 §18.2",
        "RFC 3261 §20", "RFC 3581", "RFC 6026", "RFC 5393", "RFC 4320",
    ]

    @Test("every section that binds a server has its rules", arguments: sections)
    func coversSection(_ section: String) throws {
        let rows = try RuleTable("Sources/SIP/RFC.md").rows
        #expect(rows.contains { ($0.section + " ").hasPrefix(section + " ") })
    }

    @Test("no cell is empty", arguments: tables)
    func isFull(_ table: String) throws {
        let rows = try RuleTable(table).rows
        #expect(rows.count > 8)
        for row in rows {
            #expect(row.cells.count == 4, "\(row)")
            #expect(row.cells.allSatisfy { !$0.isEmpty }, "\(row)")
        }
    }

    @Test("every name of code is declared in the file beside it", arguments: tables)
    func codeExists(_ table: String) throws {
        let sources = try Folder("Sources")
        for row in try RuleTable(table).rows {
            let places = row.quoted(2, by: "`")
            #expect(!places.isEmpty, "\(row)")
            for place in places {
                let parts = place.split(separator: ":").map(String.init)
                try #require(parts.count == 2, "\(place) is not FILE:NAME")
                let text = try sources.text(of: parts[0])
                #expect(declares(parts[1], in: text), "\(parts[0]) declares no \(parts[1])")
            }
        }
    }

    @Test("every test is there, under the name that the table gives it", arguments: tables)
    func testsExist(_ table: String) throws {
        // Several targets may have a file of one name; the table means that of its own.
        let target = try #require(table.split(separator: "/").dropFirst().first)
        let tests = try Folder("Tests", preferring: "Tests/\(target)Tests/")
        for row in try RuleTable(table).rows {
            let entries = row.cells[3].components(separatedBy: "; `").enumerated()
                .map { $0.offset == 0 ? $0.element : "`" + $0.element }
            for entry in entries {
                let words = RuleTable.quoted(entry, by: "`")
                let file = try #require(words.first, "\(row)")
                if file.hasSuffix(".py") {
                    try #require(words.count == 2, "\(entry) is not FILE: FUNCTION")
                    #expect(try tests.text(of: file).contains("\ndef \(words[1])("), "\(entry)")
                    continue
                }
                let names = RuleTable.quoted(entry, by: "\"")
                try #require(!names.isEmpty, "\(entry) names no test")
                let text = try tests.text(of: file + ".swift")
                for name in names { #expect(text.contains("\"\(name)\""), "\(entry)") }
            }
        }
    }

    /// A declaration on one line, or a key of a configuration file.
    private func declares(_ name: String, in text: String) -> Bool {
        let escaped = NSRegularExpression.escapedPattern(for: name)
        let words = "func|var|let|case|struct|enum|class|extension|typealias"
        let pattern =
            name == "init"
            ? "\\binit[?]?\\(" : "(?m)(\\b(\(words))\\b.*\\b\(escaped)\\b|^ *\(escaped):)"
        return text.range(of: pattern, options: .regularExpression) != nil
    }
}

/// The rows of the tables on a page, each with the heading above it.
private struct RuleTable {
    struct Row: CustomStringConvertible {
        var section: String
        var cells: [String]

        var description: String { section + ": " + cells.joined(separator: " | ") }

        func quoted(_ cell: Int, by mark: Character) -> [String] {
            RuleTable.quoted(cells[cell], by: mark)
        }
    }

    var rows: [Row] = []

    init(_ path: String) throws {
        let text = try String(contentsOfFile: Folder.root + "/" + path, encoding: .utf8)
        var section = ""
        for line in text.split(separator: "\n") {
            if line.hasPrefix("## ") { section = String(line.dropFirst(3)) }
            guard line.hasPrefix("| "), !line.hasPrefix("| § ") else { continue }
            let cells = line.dropFirst().dropLast().components(separatedBy: "|")
                .map { $0.trimmingCharacters(in: .whitespaces) }
            rows.append(Row(section: section, cells: cells))
        }
    }

    /// What stands between two marks, each time.
    static func quoted(_ text: String, by mark: Character) -> [String] {
        text.split(separator: mark, omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }
}

/// The files below a folder of the repository, found by the end of their path.
private struct Folder {
    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    var files: [String]
    private let preferred: String

    init(_ name: String, preferring preferred: String = "") throws {
        self.preferred = preferred
        let below = FileManager.default.enumerator(atPath: Self.root + "/" + name)
        files = (below?.allObjects as? [String] ?? []).map { name + "/" + $0 }
        try #require(!files.isEmpty, "\(name) is empty")
    }

    func text(of path: String) throws -> String {
        if path.hasPrefix("config/") {
            return try String(contentsOfFile: Self.root + "/" + path, encoding: .utf8)
        }
        var found = files.filter { $0.hasSuffix("/" + path) }
        if found.count > 1 { found = found.filter { $0.hasPrefix(preferred) } }
        try #require(found.count == 1, "\(path) is \(found.count) files")
        return try String(contentsOfFile: Self.root + "/" + found[0], encoding: .utf8)
    }
}
