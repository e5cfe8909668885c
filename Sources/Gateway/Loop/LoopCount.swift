import Synchronization

/// A number that one loop writes and anyone reads.
///
/// A single writer needs no locked instruction: it loads, adds and stores.
final class LoopCount: Sendable {
    private let number = Atomic<Int>(0)

    func add(_ amount: Int = 1) {
        number.store(number.load(ordering: .relaxed) &+ amount, ordering: .relaxed)
    }

    func set(_ amount: Int) {
        number.store(amount, ordering: .relaxed)
    }

    var value: Int { number.load(ordering: .relaxed) }
}
