import Gateway
import Testing

@Suite("Ids of recent decisions")
struct RecentIDsTests {
    @Test("an id is known for at least as many further ids as the capacity says")
    func remembers() {
        for capacity in [1, 2, 10, 100] {
            var recent = RecentIDs(capacity: capacity)
            for id in 1...UInt64(capacity * 5) {
                let wasKnown = recent.isRepeated(id)
                #expect(!wasKnown)
                for back in 0..<UInt64(capacity) where back < id {
                    let isKnown = recent.isRepeated(id - back)
                    #expect(isKnown)
                }
            }
        }
    }

    @Test("the oldest ids are forgotten, so that memory stays bounded")
    func forgets() {
        var recent = RecentIDs(capacity: 10)
        for id in 0..<100 as Range<UInt64> { _ = recent.isRepeated(id) }
        let isKnown = recent.isRepeated(0)
        #expect(!isKnown)
    }

    @Test("ids that fall into one bucket are told apart")
    func collisions() {
        var recent = RecentIDs(capacity: 100)
        let ids = (0..<100 as Range<UInt64>).map { $0 << 40 | 0x2A }
        for id in ids {
            let wasKnown = recent.isRepeated(id)
            #expect(!wasKnown)
        }
        for id in ids {
            let isKnown = recent.isRepeated(id)
            #expect(isKnown)
        }
    }
}
