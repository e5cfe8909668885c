import Gateway
import Primitives
import Synchronization
import Testing
import Transport

@Suite("The ring of lines")
struct LineRingTests {
    private func append(_ text: String, id: UInt64 = 0, to ring: LineRing) -> Bool {
        let bytes = Array(text.utf8)
        return ring.append(id: id, bytes.span)
    }

    private func drain(_ ring: LineRing) -> (text: String, count: Int) {
        var lines = ByteBuffer()
        let count = ring.drain(into: &lines) { _ in false }
        return (lines.text, count)
    }

    @Test("records come out whole and in order, also across the end of the room")
    func wrapsAround() {
        let ring = LineRing(capacity: 128)
        for round in 0..<1_000 {
            // 16 octets of frame and lengths that share no divisor with 128 meet every border.
            let first = "record \(round)" + String(repeating: ".", count: round % 23) + "\n"
            let second = "after \(round)\n"
            let isFirstKept = append(first, to: ring)
            let isSecondKept = append(second, to: ring)
            #expect(isFirstKept && isSecondKept)
            let drained = drain(ring)
            #expect(drained.text == first + second)
            #expect(drained.count == 2)
        }
        #expect(ring.lost.load(ordering: .relaxed) == 0)
    }

    @Test("records that come while others are taken out go on behind them, round and round")
    func goesOnBehind() {
        let ring = LineRing(capacity: 128)
        _ = append("0\n", to: ring)
        for round in 1..<1_000 {
            // What comes before the ring is empty cannot begin at the start of the room.
            let next = "\(round)" + String(repeating: ".", count: round % 23) + "\n"
            var lines = ByteBuffer()
            let count = ring.drain(into: &lines) { _ in
                let isKept = append(next, to: ring)
                #expect(isKept)
                return false
            }
            #expect(count == 1)
            #expect(lines.text.hasPrefix("\(round - 1)"))
            #expect(lines.text.utf8.count == "\(round - 1)".utf8.count + (round - 1) % 23 + 1)
        }
        #expect(drain(ring).count == 1)
    }

    @Test("memory that is given back takes no waiting line along, and serves again")
    func givesBack() {
        let ring = LineRing(capacity: 1 << 20)
        let line = String(repeating: "x", count: 1_000) + "\n"
        for round in 1...3 {
            for _ in 0..<900 { _ = append(line, to: ring) }
            ring.giveBack()
            let drained = drain(ring)
            #expect(drained.count == 900, "round \(round)")
            #expect(drained.text == String(repeating: line, count: 900))
            ring.giveBack()
        }
    }

    @Test("a full ring refuses a record, counts it and keeps those that it has")
    func full() {
        let ring = LineRing(capacity: 128)
        let line = String(repeating: "x", count: 48)
        let isKept = (0..<4).map { _ in append(line, to: ring) }
        #expect(isKept == [true, true, false, false])
        #expect(ring.lost.load(ordering: .relaxed) == 2)
        #expect(drain(ring).text == line + line)
        let isKeptAgain = append(line, to: ring)
        #expect(isKeptAgain)
    }

    @Test("a record that is larger than the ring is lost and does no harm")
    func tooLarge() {
        let ring = LineRing(capacity: 128)
        let isKept = append(String(repeating: "x", count: 113), to: ring)
        #expect(!isKept)
        let isExactFitKept = append(String(repeating: "y", count: 112), to: ring)
        #expect(isExactFitKept)
        #expect(drain(ring).text.count == 112)
    }

    @Test("as many whole lines are taken at a time as reach the limit, and the next time the rest")
    func limit() {
        let ring = LineRing(capacity: 1_024)
        for number in 1...5 { _ = append("line \(number)\n", to: ring) }
        var taken: [String] = []
        while true {
            var lines = ByteBuffer()
            let count = ring.drain(into: &lines, limit: 8)
            if count == 0 { break }
            taken.append(lines.text)
        }
        #expect(taken == ["line 1\nline 2\n", "line 3\nline 4\n", "line 5\n"])
    }

    @Test("a decision that was written before is left out")
    func repeated() {
        let ring = LineRing(capacity: 1_024)
        for id in [1, 2, 1, 3, 2] as [UInt64] { _ = append("\(id)\n", id: id, to: ring) }
        var recent = RecentIDs(capacity: 10)
        var lines = ByteBuffer()
        let count = ring.drain(into: &lines) { recent.isRepeated($0) }
        #expect(count == 5)
        #expect(lines.text == "1\n2\n3\n")
    }

    @Test("1,000,000 records go from one thread to another, none torn, none out of order")
    func twoThreads() throws {
        let ring = LineRing(capacity: 1 << 16)
        let total = 1_000_000
        try Threads.start("ring-writer") {
            var line = ByteBuffer()
            for number in 0..<total {
                line.removeAll()
                line.appendDecimal(number, digits: 7 + number % 5)
                line.append("\n")
                while !ring.append(id: UInt64(number), line.span) {}
            }
        }
        var lines = ByteBuffer()
        var expected = ByteBuffer()
        var next = 0
        let deadline = Clock.now() + .seconds(120)
        while next < total, Clock.now() < deadline {
            lines.removeAll()
            expected.removeAll()
            let count = ring.drain(into: &lines) { _ in false }
            for number in next..<(next + count) {
                expected.appendDecimal(number, digits: 7 + number % 5)
                expected.append("\n")
                next += 1
            }
            if lines.bytes != expected.bytes {
                Issue.record("torn before record \(next)")
                return
            }
        }
        #expect(next == total)
    }
}
