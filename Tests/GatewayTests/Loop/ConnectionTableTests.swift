import Gateway
import Primitives
import Testing

@Suite("The table of connections")
struct ConnectionTableTests {
    private func peer(_ last: UInt32, port: UInt16 = 5_060) -> IPEndpoint {
        IPEndpoint(address: IPAddress(ipv4: 0xCB00_7100 | last), port: port)
    }

    @Test("a connection is found by its id until it is removed")
    func lookup() {
        var table = ConnectionTable<String>(capacity: 4, perAddress: 4)
        let first = table.insert(from: peer(1)) { "first \($0)" }
        let second = table.insert(from: peer(2)) { "second \($0)" }
        #expect(first != 0)
        #expect(table[first] == "first \(first)")
        #expect(table[second] == "second \(second)")
        table.remove(first)
        #expect(table[first] == nil)
        #expect(table[second] != nil)
        #expect(table.ids == [second])
        #expect(table.count == 1)
    }

    @Test("the id of a closed connection never means its successor in the same place")
    func staleIDs() {
        var table = ConnectionTable<Int>(capacity: 1, perAddress: 1)
        var seen: Set<UInt64> = []
        for round in 0..<1_000 {
            let id = table.insert(from: peer(1)) { _ in round }
            let isNew = seen.insert(id).inserted
            #expect(isNew)
            #expect(table[id] == round)
            table.remove(id)
            table.remove(id)
            #expect(table.count == 0)
        }
        for id in seen { #expect(table[id] == nil) }
    }

    @Test("one address cannot take all places, and gets its own back")
    func perAddress() {
        var table = ConnectionTable<Int>(capacity: 3, perAddress: 2)
        let first = table.insert(from: peer(1, port: 1)) { _ in 1 }
        _ = table.insert(from: peer(1, port: 2)) { _ in 2 }
        #expect(!table.hasRoom(for: peer(1, port: 3)))
        #expect(table.hasRoom(for: peer(2)))
        _ = table.insert(from: peer(2)) { _ in 3 }
        #expect(!table.hasRoom(for: peer(3)))
        table.remove(first)
        #expect(table.hasRoom(for: peer(1, port: 4)))
    }

    @Test("an IPv6 network of 64 bits counts as one address, its neighbour as another")
    func network() {
        func peer(_ network: UInt64, _ host: UInt64) -> IPEndpoint {
            IPEndpoint(
                address: IPAddress(high: 0x2001_0DB8_0000_0000 | network, low: host),
                port: 5_060
            )
        }
        var table = ConnectionTable<Int>(capacity: 9, perAddress: 2)
        let first = table.insert(from: peer(1, 1)) { _ in 1 }
        _ = table.insert(from: peer(1, 2)) { _ in 2 }
        #expect(!table.hasRoom(for: peer(1, 3)))
        #expect(table.hasRoom(for: peer(2, 1)))
        table.remove(first)
        #expect(table.hasRoom(for: peer(1, 3)))
    }

    @Test(
        "an id that was never given out names nothing",
        arguments: [0, 1, 1 << 32, .max] as [UInt64]
    )
    func unknown(id: UInt64) {
        var table = ConnectionTable<Int>(capacity: 1, perAddress: 1)
        #expect(table[id] == nil)
        table.remove(id)
        #expect(table.count == 0)
    }
}
