import Gateway
import Primitives
import Testing

@Suite("Damaged configuration files")
struct ConfigurationMutationTests {
    @Test(
        "a damaged file is read or has a located problem, and never ends the process",
        arguments: 0..<200
    )
    func mutation(seed: Int) throws {
        let original = try ConfigurationTests.shipped()
        var random = Sequence(state: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1)
        for _ in 0..<10 {
            var bytes = original
            for _ in 0...Int(random.next(below: 4)) { damage(&bytes, &random) }
            let problems = Problems(file: "trunkline.json5")
            let configuration = Configuration.read(bytes, problems: problems)
            #expect((configuration == nil) == !problems.isEmpty)
            for problem in problems.list {
                #expect(problem.position.line >= 1 && problem.position.column >= 1)
                #expect(!problem.message.isEmpty)
            }
            for line in problems.lines {
                #expect(line.hasPrefix("trunkline.json5:"))
                #expect(!line.contains("\n"))
            }
        }
    }

    private func damage(_ bytes: inout [UInt8], _ random: inout Sequence) {
        guard !bytes.isEmpty else { return }
        let place = Int(random.next(below: UInt64(bytes.count)))
        let length = min(Int(random.next(below: 40)), bytes.count - place)
        let signs = Array("{}[]\":,'\\/*0123456789eE+-.nulltrue\u{0}\n\u{FF}".utf8)
        switch random.next(below: 6) {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next(below: 256))
        case 1: bytes[place] = signs[Int(random.next(below: UInt64(signs.count)))]
        case 2: bytes.removeSubrange(place..<(place + length))
        case 3: bytes.insert(contentsOf: bytes[place..<(place + length)], at: place)
        case 4: bytes.insert(signs[Int(random.next(below: UInt64(signs.count)))], at: place)
        default: bytes.removeSubrange(place...)
        }
    }

    private struct Sequence {
        var state: UInt64

        mutating func next(below bound: UInt64) -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state % bound
        }
    }
}
