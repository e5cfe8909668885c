import Primitives
import Testing

@Suite("Things that wait equally long")
struct ExpiryQueueTests {
    @Test("they end in the order in which they came, however many come and go")
    func order() {
        var queue = ExpiryQueue<Int>()
        var next = 0
        var oldest = 0
        // Bursts above and below the room that stays, each emptied to the last.
        for burst in [1, 300, 5_000, 3, 20_000, 4_096, 4_097, 1] {
            var sequences: [(number: Int, sequence: UInt32)] = []
            for _ in 0..<burst {
                let end = Instant(nanoseconds: Int64(next))
                sequences.append((next, queue.append(next, until: end)))
                next += 1
            }
            #expect(queue.count == burst)
            #expect(queue.nextDeadline == Instant(nanoseconds: Int64(oldest)))
            for (number, sequence) in sequences where queue[sequence] != number {
                Issue.record("number \(sequence) is \(queue[sequence]), not \(number)")
            }
            while let first = queue.oldest {
                guard first.element == oldest else {
                    Issue.record("\(first.element) ends before \(oldest)")
                    return
                }
                queue.removeOldest()
                oldest += 1
            }
        }
        #expect(oldest == next)
        #expect(queue.nextDeadline == nil)
        queue.removeOldest()
        #expect(queue.count == 0)
    }
}
