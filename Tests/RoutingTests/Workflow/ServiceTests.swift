import Primitives
import Routing
import Testing

@Suite("Services of workflow runs")
struct ServiceTests {
    static func second(_ count: Int64) -> Instant { Instant(nanoseconds: count * 1_000_000_000) }

    @Test("a full table of counters lets new keys pass uncounted and says how many")
    func fullCounters() {
        var counters = CallCounters(capacity: 2)
        func count(_ key: String, at time: Int64) -> Int {
            counters.count(
                key,
                by: .arrivals(window: .seconds(10)),
                max: 1,
                call: "x",
                at: Self.second(time)
            )
        }
        #expect(count("a", at: 0) == 1)
        #expect(count("b", at: 0) == 1)
        #expect(count("c", at: 1) == 1)
        #expect(count("c", at: 2) == 1)
        #expect(counters.overflowCount == 2)
        #expect(count("a", at: 3) == 2)
        #expect(count("c", at: 11) == 1)
        #expect(count("c", at: 12) == 2)
        #expect(counters.overflowCount == 2)
        #expect(counters.count <= 2)
    }

    @Test("2,000 calls a second against a bound of calls that are up: never one too many")
    func exactConcurrency() {
        var counters = CallCounters()
        var up: Set<String> = []
        for call in 0..<20_000 {
            let now = Instant(nanoseconds: Int64(call) * 500_000)
            let id = "\(call)"
            let count = counters.count(
                "k",
                by: .concurrent(lease: .seconds(3_600)),
                max: 100,
                call: id,
                at: now
            )
            #expect((count <= 100) == (up.count < 100))
            if count <= 100 { up.insert(id) }
            if call % 3 == 0, let ended = up.first {
                up.remove(ended)
                counters.end(call: ended)
                counters.end(call: ended)
            }
            #expect(counters.count == up.count)
        }
    }

    @Test("leases that no callback ended heal the count")
    func leases() {
        var counters = CallCounters()
        for call in 0..<5 {
            let count = counters.count(
                "k",
                by: .concurrent(lease: .seconds(10)),
                max: 5,
                call: "\(call)",
                at: Self.second(0)
            )
            #expect(count == call + 1)
        }
        let measure = CallMeasure.concurrent(lease: .seconds(10))
        #expect(counters.count("k", by: measure, max: 5, call: "x", at: Self.second(9)) == 6)
        #expect(counters.count("k", by: measure, max: 5, call: "x", at: Self.second(10)) == 1)
        counters.end(call: "x")
        #expect(counters.count == 0)
    }

    @Test("the sticky table forgets the oldest first and what is too old")
    func sticky() {
        var table = StickyTable(capacity: 2)
        table.remember("a", agent: "1", at: Self.second(0))
        table.remember("b", agent: "2", at: Self.second(1))
        table.remember("a", agent: "3", at: Self.second(2))
        #expect(table.recall("a", within: .seconds(5), at: Self.second(6)) == "3")
        #expect(table.recall("a", within: .seconds(5), at: Self.second(7)) == nil)
        table.remember("c", agent: "4", at: Self.second(3))
        #expect(table.recall("a", within: .seconds(100), at: Self.second(3)) == nil)
        #expect(table.recall("b", within: .seconds(100), at: Self.second(3)) == "2")
        #expect(table.recall("c", within: .seconds(100), at: Self.second(3)) == "4")
        #expect(table.count == 2)
    }

    @Test("a breaker opens after failures in a row, probes once, and closes or opens again")
    func breaker() {
        var breaker = CircuitBreaker(failureCountMax: 2, pause: .seconds(10))
        func admits(at second: Int64) -> Bool { breaker.admits(at: Self.second(second)) }
        breaker.failed(at: Self.second(0))
        breaker.succeeded()
        breaker.failed(at: Self.second(0))
        #expect(admits(at: 0))
        breaker.failed(at: Self.second(1))
        #expect(breaker.state == .open(until: Self.second(11)))
        #expect(!admits(at: 10))
        breaker.succeeded()
        #expect(!admits(at: 10))
        #expect(admits(at: 11))
        #expect(!admits(at: 12))
        breaker.failed(at: Self.second(13))
        #expect(breaker.state == .open(until: Self.second(23)))
        #expect(admits(at: 23))
        breaker.succeeded()
        #expect(breaker.state == .closed(failures: 0))
        #expect(breaker.openCount == 2)
        #expect(breaker.refusedCount == 3)
    }
}
