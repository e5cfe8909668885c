import HTTP
import Primitives
import Testing

@Suite("Connections of one address and of all")
struct ConnectionQuotaTests {
    private let first = IPAddress(ipv4: 0xCB00_7101)
    private let second = IPAddress(high: 0x2001_0DB8_0000_0000, low: 1)
    private let neighbour = IPAddress(high: 0x2001_0DB8_0000_0000, low: 2)

    @Test("an address has so many connections and no more")
    func perAddress() {
        var quota = ConnectionQuota(perAddressMax: 2, totalMax: 100)
        let admitted = (0..<3).map { _ in quota.admit(first) }
        #expect(admitted == [true, true, false])
        quota.release(first)
        let afterRelease = (0..<2).map { _ in quota.admit(first) }
        #expect(afterRelease == [true, false])
    }

    @Test("an IPv6 network of 64 bits counts as one address")
    func network() {
        var quota = ConnectionQuota(perAddressMax: 2, totalMax: 100)
        let admitted = [second, neighbour, second].map { quota.admit($0) }
        #expect(admitted == [true, true, false])
    }

    @Test("all addresses together have so many, exempt ones included")
    func total() {
        var quota = ConnectionQuota(perAddressMax: 1, totalMax: 3)
        let admitted = (0..<4).map { _ in quota.admit(first, isExempt: true) }
        #expect(admitted == [true, true, true, false])
        let other = quota.admit(second)
        #expect(!other)
        quota.release(first, isExempt: true)
        let later = quota.admit(second)
        #expect(later)
        #expect(quota.total == 3)
    }
}
