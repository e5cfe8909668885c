import Gateway
import Primitives
import Testing

@Suite("Rate limits of log lines")
struct RateLimitTests {
    @Test("one in each interval passes and says how many were held back before it")
    func passes() {
        var limit = RateLimit(interval: .seconds(1))
        let start = Instant(nanoseconds: 5)
        #expect(limit.pass(at: start) == 0)
        for millisecond in 1...999 {
            #expect(limit.pass(at: start + .milliseconds(Int64(millisecond))) == nil)
        }
        #expect(limit.pass(at: start + .seconds(1)) == 999)
        #expect(limit.pass(at: start + .seconds(3)) == 0)
    }
}
