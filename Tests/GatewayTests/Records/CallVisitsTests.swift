import Gateway
import Primitives
import Testing

@Suite("how often a call comes")
struct CallVisitsTests {
    private let start = Instant(nanoseconds: 1_000)

    @Test("each further sequence number is another visit, the same one is not (RFC 3261 §8.1.3.4)")
    func sequence() {
        var visits = CallVisits()
        let counts = [1, 1, 2, 2, 3, 9, 1].map { visits.count(7, sequence: $0, at: start) }
        #expect(counts == [1, 1, 2, 2, 3, 4, 5])
    }

    @Test("a visit is known by its sequence number, and is the first where it is forgotten")
    func number() {
        var visits = CallVisits()
        for sequence in [1, 2, 5] as [UInt32] {
            _ = visits.count(7, sequence: sequence, at: start)
        }
        #expect(visits.visit(of: 7, sequence: 5) == 3)
        #expect(visits.visit(of: 7, sequence: 2) == 1)
        #expect(visits.visit(of: 8, sequence: 5) == 1)
    }

    @Test("a call that has not come for 64 s is a new one")
    func forgotten() {
        var visits = CallVisits()
        #expect(visits.count(7, sequence: 1, at: start) == 1)
        #expect(visits.count(7, sequence: 2, at: start + .seconds(63)) == 2)
        #expect(visits.count(7, sequence: 3, at: start + .seconds(126)) == 3)
        #expect(visits.count(7, sequence: 4, at: start + .seconds(190)) == 1)
    }

    @Test("of calls that share a slot none is counted too high")
    func sharedSlot() {
        var visits = CallVisits()
        for round in 0..<100 as Range<UInt32> {
            for call in 0..<3 as Range<UInt64> {
                #expect(visits.count(call << 32, sequence: round, at: start) == 1)
            }
        }
    }
}
