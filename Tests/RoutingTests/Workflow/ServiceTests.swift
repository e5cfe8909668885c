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

    @Test("calls that ended leave no trace among the leases, and a shorter lease ends in its time")
    func leaseOrder() {
        var counters = CallCounters()
        func count(_ call: Int, lease: Int64, at second: Int64, max: Int = 1_000) -> Int {
            counters.count(
                "k",
                by: .concurrent(lease: .seconds(lease)),
                max: max,
                call: "\(call)",
                at: Self.second(second)
            )
        }
        for call in 0..<500 {
            #expect(count(call, lease: 100, at: 0) == call + 1)
        }
        for call in 0..<490 { counters.end(call: "\(call)") }
        #expect(counters.count == 10)
        // One that comes again counts from then on.
        #expect(count(3, lease: 100, at: 50) == 11)
        #expect(count(1_000, lease: 10, at: 51) == 12)
        #expect(count(1_001, lease: 10, at: 62) == 12)
        #expect(count(1_002, lease: 100, at: 101) == 2)
        counters.end(call: "3")
        counters.end(call: "1002")
        #expect(counters.count == 0)
    }

    @Test("a call that counts under two keys ends under both")
    func twoKeys() {
        var counters = CallCounters()
        let measure = CallMeasure.concurrent(lease: .seconds(10))
        for key in ["a", "b"] {
            #expect(counters.count(key, by: measure, max: 1, call: "x", at: Self.second(0)) == 1)
        }
        counters.end(call: "x")
        for key in ["a", "b"] {
            #expect(counters.count(key, by: measure, max: 1, call: "y", at: Self.second(1)) == 1)
        }
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
        #expect(table.recall("a", within: .seconds(100), at: Self.second(3)) == "3")
        #expect(table.recall("b", within: .seconds(100), at: Self.second(3)) == nil)
        #expect(table.recall("c", within: .seconds(100), at: Self.second(3)) == "4")
        #expect(table.count == 2)
    }

    @Test("a full sticky table knows just those who called last", arguments: [1, 2, 3, 7])
    func stickyOrder(capacity: Int) {
        var table = StickyTable(capacity: capacity)
        var order: [Int] = []
        var random = SeededRandom(seed: 5)
        for time in 0..<1_000 {
            let key = Int(random.next() % 10)
            table.remember("\(key)", agent: "\(time)", at: Self.second(Int64(time)))
            order.removeAll { $0 == key }
            order.append(key)
            let kept = (0..<10).filter {
                table.recall("\($0)", within: .seconds(10_000), at: Self.second(1_000)) != nil
            }
            #expect(kept == order.suffix(capacity).sorted())
        }
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
