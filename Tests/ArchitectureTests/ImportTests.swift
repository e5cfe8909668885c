import Foundation
import Testing

/// The rules of the layout, read off the sources: which target imports what, and what no core does.
@Suite("the architecture")
struct ImportTests {
    @Test("each target imports what the table allows, and nothing else", arguments: allowedImports)
    func importsAreAllowed(target: String, allowed: Set<String>) throws {
        let files = try swiftFiles(below: "Sources/\(target)")
        try #require(!files.isEmpty, "Sources/\(target) has no Swift file")
        for file in files {
            for module in try imports(of: file) {
                #expect(allowed.contains(module), "\(file) imports \(module)")
            }
        }
    }

    @Test("the table names every target, so that a new one has to state its rule")
    func tableIsComplete() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: root + "/Sources")
            .filter { $0 != "README.md" && $0 != "System" && !$0.hasPrefix(".") }
        #expect(Set(folders) == Set(allowedImports.map(\.0)))
    }

    @Test("no core and no listener says try!, as!, fatalError or a forced value", arguments: cores)
    func coresHoldNoTraps(target: String) throws {
        for file in try swiftFiles(below: "Sources/\(target)") {
            let lines = try text(of: file).split(separator: "\n", omittingEmptySubsequences: false)
            for (number, line) in lines.enumerated() {
                let code = line.prefix(upTo: line.range(of: "//")?.lowerBound ?? line.endIndex)
                for word in ["try!", "as!", "fatalError(", "unchecked:"] {
                    #expect(!code.contains(word), "\(file):\(number + 1): \(word)")
                }
            }
        }
    }

    @Test("the top level holds what the design lists and nothing else")
    func topLevel() throws {
        let allowed: Set = [
            "Package.swift", "Sources", "Tests", "config", "systemd", "README.md",
            "Package.resolved",
        ]
        let names = try FileManager.default.contentsOfDirectory(atPath: root)
        #expect(Set(names.filter { !$0.hasPrefix(".") }).subtracting(allowed) == [])
    }
}

private let cores = ["Primitives", "SIP", "HTTP", "Authentication", "JSONata", "Routing", "Doors"]

/// design table: target → what may stand behind `import`.
private let allowedImports: [(String, Set<String>)] = [
    ("Primitives", []),
    ("Transport", ["Primitives", "CLinux", "COpenSSL", "Glibc", "Synchronization"]),
    ("SIP", ["Primitives"]),
    ("HTTP", ["Primitives"]),
    ("Authentication", ["Primitives", "COpenSSL"]),
    ("JSONata", ["Primitives"]),
    ("Routing", ["Primitives", "JSONata"]),
    ("Doors", ["Primitives", "SIP", "HTTP", "Authentication", "Routing"]),
    ("Store", ["Primitives", "Routing", "CSQLite", "Glibc", "Foundation", "FoundationEssentials"]),
    (
        "Gateway",
        [
            "Primitives", "Transport", "SIP", "HTTP", "Authentication", "JSONata", "Routing",
            "Doors", "Store", "Glibc", "Synchronization", "Dispatch", "Foundation",
            "FoundationEssentials", "FoundationNetworking",
        ]
    ),
    ("trunkline", ["Gateway", "Glibc"]),
]

private let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

private func swiftFiles(below folder: String) throws -> [String] {
    let files = FileManager.default.enumerator(atPath: root + "/" + folder)
    return (files?.allObjects as? [String] ?? []).filter { $0.hasSuffix(".swift") }
        .map { folder + "/" + $0 }.sorted()
}

private func text(of file: String) throws -> String {
    try String(contentsOfFile: root + "/" + file, encoding: .utf8)
}

private func imports(of file: String) throws -> [String] {
    try text(of: file).split(separator: "\n").compactMap { line in
        let words = line.split(separator: " ")
        guard let index = words.firstIndex(of: "import"), index + 1 < words.count,
            words[..<index].allSatisfy({ $0.hasPrefix("@") || $0 == "package" || $0 == "internal" })
        else { return nil }
        return words[index + 1].split(separator: ".").first.map(String.init)
    }
}
