import Primitives

/// The stream connections of one kind in one loop: by id, with a bound in all and for each address.
package struct ConnectionTable<Connection> {
    private var slots: [Slot] = []
    private var free: [UInt32] = []
    private var countByAddress: [IPAddress: Int] = [:]
    private let capacity: Int
    private let perAddress: Int
    package private(set) var count = 0

    private struct Slot {
        /// Never 0, so that no id is 0: that is what a datagram's route has for a connection.
        var generation: UInt32 = 1
        var remote = IPEndpoint(address: IPAddress(high: 0, low: 0), port: 0)
        var connection: Connection?
    }

    package init(capacity: Int, perAddress: Int) {
        self.capacity = capacity
        self.perAddress = perAddress
    }

    /// Whether one more connection from `remote` fits.
    package func hasRoom(for remote: IPEndpoint) -> Bool {
        count < capacity && countByAddress[remote.address, default: 0] < perAddress
    }

    /// Keeps what `make` creates for the id that it is given.
    package mutating func insert(from remote: IPEndpoint, _ make: (UInt64) -> Connection) -> UInt64
    {
        let index: UInt32
        if let last = free.popLast() {
            index = last
        } else {
            index = UInt32(slots.count)
            slots.append(Slot())
        }
        let id = UInt64(slots[Int(index)].generation) << 32 | UInt64(index)
        slots[Int(index)].connection = make(id)
        slots[Int(index)].remote = remote
        countByAddress[remote.address, default: 0] += 1
        count += 1
        return id
    }

    package subscript(id: UInt64) -> Connection? {
        guard let index = index(of: id) else { return nil }
        return slots[index].connection
    }

    package mutating func remove(_ id: UInt64) {
        guard let index = index(of: id) else { return }
        let address = slots[index].remote.address
        slots[index].connection = nil
        // 24 bits, because an id shares a word with the kind of its token.
        slots[index].generation = slots[index].generation % 0xFF_FFFF + 1
        free.append(UInt32(index))
        count -= 1
        let left = countByAddress[address, default: 1] - 1
        countByAddress[address] = left > 0 ? left : nil
    }

    /// The ids of all connections, for the end of the loop.
    package var ids: [UInt64] {
        slots.indices.compactMap { index in
            slots[index].connection == nil
                ? nil : UInt64(slots[index].generation) << 32 | UInt64(index)
        }
    }

    private func index(of id: UInt64) -> Int? {
        let index = Int(id & 0xFFFF_FFFF)
        guard index < slots.count, UInt64(slots[index].generation) == id >> 32,
            slots[index].connection != nil
        else { return nil }
        return index
    }
}
