import Primitives
import SIP

/// The same table written plainly: an array that is searched from end to end, and no timer at all.
///
/// It is the judge of the fuzzer, so it shares nothing with the table but the words of the RFC.
struct TransactionModel {
    private(set) var rows: [Row] = []
    private var confirmed: [(key: Int, end: Int)] = []
    private let capacity: Int
    private let confirmedCapacity: Int

    struct Row {
        var key: Int
        var isInvite: Bool
        var isReliable: Bool
        var id: TransactionID?
        var finalStatus: Int?
        var answer: [UInt8]?
        var remindsAt: Int?
        var retransmitsAt: Int?
        var gap = 500
        var endsAt: Int?

        /// Timer G or H runs only while a rejected INVITE waits for its ACK.
        var waitsForACK: Bool { isInvite && (finalStatus ?? 0) >= 300 }
    }

    enum Reception: Equatable { case new, retransmission, absorbed, tableFull }
    enum Due: Equatable { case retransmit(Int), stillDeciding(Int), unacknowledged(Int) }

    init(capacity: Int, confirmedCapacity: Int) {
        self.capacity = capacity
        self.confirmedCapacity = confirmedCapacity
    }

    var confirmedCount: Int { confirmed.count }
    var pendingCount: Int { rows.count { $0.finalStatus == nil } }
    /// A live row has a timer from its final answer on.
    var timerCount: Int { rows.count { $0.endsAt != nil } }
    var answerCount: Int { rows.count { $0.answer != nil } }
    var nextDue: Int? {
        (rows.flatMap { [$0.remindsAt, $0.retransmitsAt, $0.endsAt] } + confirmed.map(\.end))
            .compactMap(\.self).min()
    }

    func isConfirmed(_ key: Int) -> Bool { confirmed.contains { $0.key == key } }
    func row(_ key: Int) -> Row? { rows.first { $0.key == key } }

    mutating func named(_ key: Int, _ id: TransactionID) {
        if let index = place(key) { rows[index].id = id }
    }

    mutating func receive(_ key: Int, isInvite: Bool, isReliable: Bool, at now: Int) -> Reception {
        if isConfirmed(key) { return .absorbed }
        if let row = row(key) { return row.answer == nil ? .absorbed : .retransmission }
        guard rows.count < capacity else { return .tableFull }
        var row = Row(key: key, isInvite: isInvite, isReliable: isReliable)
        row.remindsAt = isInvite ? now + 200 : nil
        rows.append(row)
        return .new
    }

    mutating func respond(_ key: Int, status: Int, answer: [UInt8], at now: Int) -> Bool {
        guard let index = place(key) else { return false }
        if let final = rows[index].finalStatus {
            // RFC 6026 §7.1: only a 2xx may follow, and only upon a 2xx to an INVITE.
            return rows[index].isInvite && final < 300 && (200..<300).contains(status)
        }
        rows[index].remindsAt = nil
        rows[index].answer = answer
        guard status >= 200 else { return true }
        rows[index].finalStatus = status
        rows[index].endsAt = now + 32_000
        if rows[index].waitsForACK {
            rows[index].retransmitsAt = rows[index].isReliable ? nil : now + 500
        } else if rows[index].isInvite {
            rows[index].answer = nil
        } else if rows[index].isReliable {
            rows.remove(at: index)
        }
        return true
    }

    mutating func acknowledge(_ key: Int, at now: Int) -> String {
        if isConfirmed(key) { return "absorbed" }
        guard let index = place(key), rows[index].isInvite, let final = rows[index].finalStatus
        else { return "unmatched" }
        if final < 300 { return "passUp" }
        let row = rows.remove(at: index)
        if !row.isReliable { confirmed.append((key, now + 5_000)) }
        if confirmed.count > confirmedCapacity { confirmed.removeFirst() }
        return "confirmed"
    }

    func cancel(_ key: Int) -> String {
        if isConfirmed(key) { return "answered" }
        guard let row = row(key) else { return "unknown" }
        return row.finalStatus == nil ? "pending" : "answered"
    }

    mutating func advance(to now: Int) -> [Due] {
        var due: [Due] = []
        confirmed.removeAll { $0.end <= now }
        for index in rows.indices.reversed() {
            if let at = rows[index].remindsAt, at <= now {
                rows[index].remindsAt = nil
                due.append(.stillDeciding(rows[index].key))
            }
            if let end = rows[index].endsAt, end <= now {
                if rows[index].waitsForACK { due.append(.unacknowledged(rows[index].key)) }
                rows.remove(at: index)
            } else if let at = rows[index].retransmitsAt, at <= now {
                rows[index].gap = min(rows[index].gap * 2, 4_000)
                let next = at + rows[index].gap
                rows[index].retransmitsAt = next > now ? next : now + rows[index].gap
                due.append(.retransmit(rows[index].key))
            }
        }
        return due
    }

    private func place(_ key: Int) -> Int? {
        rows.firstIndex { $0.key == key }
    }
}
