import Gateway
import Primitives
import Routing
import Testing

@Suite("Directory files that went wrong somewhere")
struct DirectoryFileMutationTests {
    @Test(
        "a file that is damaged anywhere parses or has a located problem, and never ends the process"
    )
    func survivesMutations() {
        var generator = SeededRandom(seed: 42)
        let original = Array(SampleFile.text.utf8)
        let lines = original.count { $0 == 0x0A } + 1
        var refused = 0
        for _ in 0..<2_000 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                Self.mutate(&bytes, &generator)
            }
            let problems = Problems(file: "d.json5")
            let contents = DirectoryFile.read(bytes, problems: problems) { _, _ in SealedSecret([])
            }
            #expect((contents == nil) == !problems.isEmpty)
            refused += contents == nil ? 1 : 0
            for problem in problems.list {
                #expect((1...UInt32(lines + 200)).contains(problem.position.line))
                #expect(problem.position.column >= 1)
                #expect(!problem.message.isEmpty)
                #expect(problem.description.unicodeScalars.allSatisfy { $0.value >= 0x20 })
            }
        }
        #expect(refused > 1_000)
    }

    private static func mutate(_ bytes: inout [UInt8], _ generator: inout SeededRandom) {
        guard !bytes.isEmpty else { return }
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        let end = min(bytes.count, place + Int.random(in: 1...40, using: &generator))
        switch Int.random(in: 0..<7, using: &generator) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes.removeSubrange(place..<end)
        case 2: bytes.insert(contentsOf: bytes[place..<end], at: place)
        case 3: bytes.removeSubrange(place...)
        case 4:
            bytes.insert(
                Array("{}[]:,\"'/*\\#-+0x".utf8).randomElement(using: &generator) ?? 0,
                at: place
            )
        case 5: bytes.insert(contentsOf: Array("9223372036854775808".utf8), at: place)
        default: bytes.swapAt(place, end - 1)
        }
    }

    @Test("a value of another type is a problem of its path")
    func refusesWrongTypes() throws {
        let document = try JSON5Document(parsing: Array(SampleFile.text.utf8))
        var tried = 0
        for path in Self.paths(in: document.root) where !Self.isFree(path) {
            let isContainer = Self.isContainer(document.root, path[...])
            // No key takes a list in a list, and no list or object is a boolean.
            let wrong: JSON5Value.Kind =
                isContainer
                ? .bool(true) : .array([JSON5Value(kind: .array([]), position: .start)])
            let mutated = Self.replacing(document.root, path[...]) { $0.kind = wrong }
            let (contents, problems) = SampleFile.read(mutated.compactJSON)
            #expect(contents == nil, "\(path)")
            let written = path.map { $0.hasPrefix("[") ? $0 : ".\($0)" }.joined().dropFirst()
            #expect(problems.list.contains { $0.path.hasPrefix(written) }, "\(path)")
            tried += 1
        }
        #expect(tried > 60)
    }

    @Test("an unknown key is a problem of its path, in every object")
    func refusesUnknownKeys() throws {
        let document = try JSON5Document(parsing: Array(SampleFile.text.utf8))
        var tried = 0
        let paths = [[]] + Self.paths(in: document.root)
        for path in paths where !Self.isFree(path) && !Self.isFree(path + ["x"]) {
            guard case .object = Self.value(document.root, path[...])?.kind else { continue }
            let mutated = Self.replacing(document.root, path[...]) { value in
                guard case .object(var members) = value.kind else { return }
                let value1 = JSON5Value(kind: .integer(1), position: .start)
                members.append(JSON5Member(key: "zzz", keyPosition: .start, value: value1))
                value.kind = .object(members)
            }
            let (contents, problems) = SampleFile.read(mutated.compactJSON)
            #expect(contents == nil, "\(path)")
            #expect(problems.list.contains { $0.path.hasSuffix("zzz") }, "\(path)")
            tried += 1
        }
        #expect(tried > 14)
    }

    // MARK: - Trees

    /// Objects of the writer's own choice, where every key and type is good.
    private static func isFree(_ path: [String]) -> Bool {
        let free: Set = ["workflow_definition", "metadata", "dispatch_template"]
        return path.dropLast().contains { free.contains($0) }
    }

    private static func isContainer(_ root: JSON5Value, _ path: ArraySlice<String>) -> Bool {
        switch value(root, path)?.kind {
        case .array, .object: true
        default: false
        }
    }

    /// The paths of all values below the root that are not null.
    private static func paths(in value: JSON5Value) -> [[String]] {
        func below(_ step: String, _ child: JSON5Value) -> [[String]] {
            if case .null = child.kind { return [] }
            return [[step]] + paths(in: child).map { [step] + $0 }
        }
        switch value.kind {
        case .array(let elements):
            return elements.enumerated().flatMap { below("[\($0.offset)]", $0.element) }
        case .object(let members): return members.flatMap { below($0.key, $0.value) }
        default: return []
        }
    }

    private static func value(_ root: JSON5Value, _ path: ArraySlice<String>) -> JSON5Value? {
        guard let step = path.first else { return root }
        switch root.kind {
        case .array(let elements):
            guard let index = Int(step.dropFirst().dropLast()) else { return nil }
            return value(elements[index], path.dropFirst())
        case .object(let members):
            return members.first { $0.key == step }.flatMap { value($0.value, path.dropFirst()) }
        default: return nil
        }
    }

    private static func replacing(
        _ root: JSON5Value,
        _ path: ArraySlice<String>,
        _ change: (inout JSON5Value) -> Void
    ) -> JSON5Value {
        var copy = root
        guard let step = path.first else {
            change(&copy)
            return copy
        }
        switch root.kind {
        case .array(var elements):
            let index = Int(step.dropFirst().dropLast()) ?? 0
            elements[index] = replacing(elements[index], path.dropFirst(), change)
            copy.kind = .array(elements)
        case .object(var members):
            for index in members.indices where members[index].key == step {
                members[index].value = replacing(members[index].value, path.dropFirst(), change)
            }
            copy.kind = .object(members)
        default: break
        }
        return copy
    }
}
