/// What a ready descriptor of a loop is: a kind and, for connections, which one.
struct LoopToken: Hashable {
    let rawValue: UInt64

    enum Kind: UInt64 {
        case mailbox, datagrams, sipAcceptor, httpAcceptor, sipStream, httpStream
    }

    init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// `value` is the index of a listener or the id of a connection, at most 56 bits.
    init(_ kind: Kind, _ value: UInt64 = 0) {
        rawValue = kind.rawValue << 56 | value & Self.valueMask
    }

    var kind: Kind? { Kind(rawValue: rawValue >> 56) }
    var value: UInt64 { rawValue & Self.valueMask }
    var index: Int { Int(value) }

    private static let valueMask: UInt64 = (1 << 56) - 1
}
