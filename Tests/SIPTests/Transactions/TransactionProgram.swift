import Primitives
import SIP

/// A random program of events, done to the table and to the model of it, step by step.
struct TransactionProgram: ~Copyable {
    private var table: ServerTransactions
    private var model: TransactionModel
    private var random: SeededRandom
    private var now = 0
    private var retired: [TransactionID] = []
    private let keys: [TransactionKey]
    /// How many final answers each transaction was allowed to send.
    private var finals: [TransactionID: Int] = [:]

    private static let keyCount = 24

    init(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let capacity = Int(random.next() % 24)
        let confirmedCapacity = Int(random.next() % 8)
        table = ServerTransactions(capacity: capacity, confirmedCapacity: confirmedCapacity)
        model = TransactionModel(capacity: capacity, confirmedCapacity: confirmedCapacity)
        // In half of the programs all keys begin in three neighbouring buckets.
        let isCrowded = random.chance(50)
        keys = (0..<Self.keyCount).map { number in
            let word = random.next()
            return TransactionKey(
                first: isCrowded ? 1_022 + word % 3 : word,
                second: UInt64(number)
            )
        }
        self.random = random
    }

    /// Does one event to both; the first thing they disagree on, or nil.
    mutating func step() -> String? {
        let key = pick(Self.keyCount)
        let difference =
            switch pick(15) {
            case 0...4: receive(key)
            case 5...7: respond(key, status: [100, 180, 200, 302, 302, 487, 600][pick(7)])
            case 8...9: acknowledge(key)
            case 10: cancel(key)
            case 11: respondToRetired()
            default: advance()
            }
        return difference ?? compareFigures()
    }

    /// Answers what is pending, and lets all timers end.
    mutating func finish() -> String? {
        for row in model.rows where row.finalStatus == nil {
            if let difference = respond(row.key, status: 302) { return difference }
        }
        now += 64_000
        if let difference = compareDue() { return difference }
        let counters = table.counters
        return counters.live + counters.confirmed + counters.timers + counters.reminders == 0
            ? nil : "left over: \(counters)"
    }

    private mutating func receive(_ key: Int) -> String? {
        let isInvite = key % 3 != 0
        let isReliable = key % 4 == 1
        let expected = model.receive(key, isInvite: isInvite, isReliable: isReliable, at: now)
        let route = (isReliable ? Wire.tcp : Wire.udp).route
        let reception = table.receive(
            keys[key],
            isInvite: isInvite,
            route: route,
            at: .milliseconds(now)
        )
        switch (reception, expected) {
        case (.new(let id), .new):
            if finals[id] != nil { return "the name \(id) was given twice" }
            finals[id] = 0
            model.named(key, id)
            return nil
        case (.retransmission(let id), .retransmission):
            guard let row = model.row(key), row.id == id else { return "another's answer" }
            return compareAnswer(id, row.answer)
        case (.absorbed, .absorbed), (.tableFull, .tableFull): return nil
        default: return "\(reception), not \(expected)"
        }
    }

    private mutating func respond(_ key: Int, status: Int) -> String? {
        guard let row = model.row(key), let id = row.id else { return nil }
        let length = random.chance(5) ? 1_500 + pick(80) : 1 + pick(40)
        let answer = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* status &+ now) }
        let expected = model.respond(key, status: status, answer: answer, at: now)
        if model.row(key) == nil { retired.append(id) }
        let maySend = table.respond(id, status: status, answer: answer.span, at: .milliseconds(now))
        if maySend && status >= 200 {
            finals[id, default: 0] += 1
            // A 2xx to an INVITE may be passed on again (RFC 6026 §7.1); nothing else may.
            if finals[id, default: 0] > 1 && !(row.isInvite && status < 300) {
                return "a second final answer, \(status)"
            }
        }
        return maySend == expected ? nil : "may send \(status): \(maySend), not \(expected)"
    }

    private mutating func acknowledge(_ key: Int) -> String? {
        let id = model.row(key)?.id
        let expected = model.acknowledge(key, at: now)
        if let id, model.row(key) == nil { retired.append(id) }
        let result = table.acknowledge(keys[key], at: .milliseconds(now))
        return "\(result)".hasPrefix(expected) ? nil : "ACK \(result), not \(expected)"
    }

    private mutating func cancel(_ key: Int) -> String? {
        let expected = model.cancel(key)
        let result = table.cancel(keys[key])
        return "\(result)".hasPrefix(expected) ? nil : "CANCEL \(result), not \(expected)"
    }

    /// An answer that comes too late for its transaction: nothing is sent after Terminated.
    private mutating func respondToRetired() -> String? {
        guard !retired.isEmpty else { return nil }
        let id = retired[pick(retired.count)]
        var wasShown = table.withAnswer(id) { _ in }
        wasShown = wasShown || table.state(of: id) != nil || table.route(of: id) != nil
        let maySend = table.respond(id, status: 302, answer: [1].span, at: .milliseconds(now))
        return maySend || wasShown ? "\(id) lives on after its end" : nil
    }

    private mutating func advance() -> String? {
        now += pick([2, 50, 600, 5_000, 40_000][pick(5)])
        return compareDue()
    }

    private mutating func compareDue() -> String? {
        if let due = model.nextDue {
            guard let next = table.nextDeadline, next <= .milliseconds(due) else {
                return "nextDeadline comes after \(due) ms"
            }
        }
        let ids = Dictionary(
            model.rows.compactMap { row in row.id.map { ($0, row.key) } },
            uniquingKeysWith: min
        )
        var expected = model.advance(to: now)
        for id in ids.keys where model.row(ids[id] ?? -1)?.id != id { retired.append(id) }
        while let action = table.advance(to: .milliseconds(now)) {
            let due: TransactionModel.Due? =
                switch action {
                case .retransmit(let id, _): ids[id].map { .retransmit($0) }
                case .stillDeciding(let id): ids[id].map { .stillDeciding($0) }
                case .unacknowledged(let key): keys.firstIndex(of: key).map { .unacknowledged($0) }
                }
            guard let due, let index = expected.firstIndex(of: due) else {
                return "\(action) was not due at \(now)"
            }
            expected.remove(at: index)
            if case .retransmit(let id, _) = action, case .retransmit(let key) = due,
                let difference = compareAnswer(id, model.row(key)?.answer)
            {
                return difference
            }
        }
        return expected.isEmpty ? nil : "\(expected) did not happen by \(now)"
    }

    private func compareAnswer(_ id: TransactionID, _ expected: [UInt8]?) -> String? {
        var shown: [UInt8]?
        table.withAnswer(id) { shown = $0.array }
        return shown == expected ? nil : "the answer sent again differs"
    }

    private func compareFigures() -> String? {
        let counters = table.counters
        if counters.live != model.rows.count { return "live \(counters.live)" }
        if counters.pending != model.pendingCount { return "pending \(counters.pending)" }
        if counters.confirmed != model.confirmedCount { return "confirmed \(counters.confirmed)" }
        if counters.answers != model.answerCount { return "answers \(counters.answers)" }
        // No timer without a transaction, and none missing.
        if counters.timers != model.timerCount { return "timers \(counters.timers)" }
        return nil
    }

    private mutating func pick(_ count: Int) -> Int {
        Int(random.next() % UInt64(count))
    }
}
