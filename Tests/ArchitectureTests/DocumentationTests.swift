import Foundation
import Testing

/// The lists that operators read, held against the sources that they describe.
@Suite("the documentation")
struct DocumentationTests {
    @Test("the manual has a row for every reason of refusal, with its status")
    func refusalsAreListed() throws {
        let source = try text(of: "Sources/Routing/Resolution/RefusalReason.swift")
        let reasons = matches(of: #"case \w+ = "(\w+)""#, in: source)
        #expect(reasons.count > 15)
        let manual = try text(of: "config/README.md").split(separator: "\n")
        let rows = manual.filter { $0.hasPrefix("| `") }
        // Of no call: only stored trunks may still name it.
        for reason in reasons where reason != "unknown_trunk" {
            #expect(rows.contains { $0.contains("`\(reason)`") }, "no row for \(reason)")
        }
    }

    @Test("every metric is documented")
    func metricsAreListed() throws {
        let documented = try text(of: "config/README.md")
        let folder = try FileManager.default.subpathsOfDirectory(atPath: root + "/Sources/Gateway")
        var names: Set<String> = []
        for file in folder where file.hasSuffix(".swift") {
            let source = try text(of: "Sources/Gateway/" + file)
            names.formUnion(matches(of: #""trunkline_([a-z_]*[a-z])""#, in: source))
        }
        #expect(names.count > 25)
        for name in names {
            #expect(documented.contains("`\(name)`"), "trunkline_\(name) is not documented")
        }
    }

    private func matches(of pattern: String, in text: String) -> [String] {
        let expression = try? NSRegularExpression(pattern: pattern)
        let range = NSRange(text.startIndex..., in: text)
        return (expression?.matches(in: text, range: range) ?? []).compactMap { match in
            Range(match.range(at: 1), in: text).map { String(text[$0]) }
        }
    }

    private func text(of file: String) throws -> String {
        try String(contentsOfFile: root + "/" + file, encoding: .utf8)
    }

    private var root: String {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
    }
}
