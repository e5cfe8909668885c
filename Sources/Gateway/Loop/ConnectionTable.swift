import Primitives

/// The stream connections of one kind in one loop: by id, with a bound in all and for each address.
///
/// IPv6 peers are counted by their /64, because that is what one customer is given. The counts have
/// no more rows than there are connections.
package struct ConnectionTable<Connection> {
    private var slots: [Slot] = []
    private var free: [UInt32] = []
    private var countByPeer: [IPAddress: Int] = [:]
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
        count < capacity && countByPeer[remote.address.customer, default: 0] < perAddress
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
        countByPeer[remote.address.customer, default: 0] += 1
        count += 1
        return id
    }

    package subscript(id: UInt64) -> Connection? {
        guard let index = index(of: id) else { return nil }
        return slots[index].connection
    }

    package mutating func remove(_ id: UInt64) {
        guard let index = index(of: id) else { return }
        let peer = slots[index].remote.address.customer
        slots[index].connection = nil
        // 24 bits, because an id shares a word with the kind of its token.
        slots[index].generation = slots[index].generation % 0xFF_FFFF + 1
        free.append(UInt32(index))
        count -= 1
        let left = countByPeer[peer, default: 1] - 1
        countByPeer[peer] = left > 0 ? left : nil
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

extension IPAddress {
    /// What one customer of a network has: an IPv4 address, or the /64 of an IPv6 address.
    fileprivate var customer: IPAddress { isIPv4 ? self : IPAddress(high: high, low: 0) }
}
