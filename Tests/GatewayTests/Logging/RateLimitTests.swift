import Gateway
import Primitives
import Testing

@Suite("Rate limits of log lines")
struct RateLimitTests {
    @Test("one in each interval passes and says how many were held back before it")
    func passes() {
        var limit = RateLimit(interval: .seconds(1))
        let start = Instant(nanoseconds: 5)
        let first = limit.pass(at: start)
        #expect(first == 0)
        for millisecond in 1...999 {
            let held = limit.pass(at: start + .milliseconds(Int64(millisecond)))
            #expect(held == nil)
        }
        let second = limit.pass(at: start + .seconds(1))
        let third = limit.pass(at: start + .seconds(3))
        #expect(second == 999)
        #expect(third == 0)
    }
}
