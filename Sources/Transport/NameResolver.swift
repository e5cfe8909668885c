import Synchronization

/// Looks names up on threads of its own, a bounded number at once.
///
/// A look-up cannot be called back, and a resolver that does not answer keeps its thread for ten
/// seconds or more. Names beyond the bound wait in the order they came.
package final class NameResolver: Sendable {
    package typealias LookUp = @Sendable (_ name: String) -> HostNames.Answer

    private let lookUp: LookUp
    private let threadCountMax: Int
    private let state = Mutex(State())

    private struct State {
        var threadCount = 0
        var waiting: [Question] = []
    }

    private struct Question: Sendable {
        var name: String
        var answer: @Sendable (HostNames.Answer) -> Void
    }

    /// `lookUp` may block.
    package init(
        threadCountMax: Int = 16,
        lookUp: @escaping LookUp = { HostNames.resolve($0) }
    ) {
        self.threadCountMax = threadCountMax
        self.lookUp = lookUp
    }

    /// Says from another thread, once, what `name` stands for.
    package func resolve(
        _ name: String,
        answer: @escaping @Sendable (HostNames.Answer) -> Void
    ) {
        let question = Question(name: name, answer: answer)
        let mayStart = state.withLock { state in
            guard state.threadCount < threadCountMax else {
                state.waiting.append(question)
                return false
            }
            state.threadCount += 1
            return true
        }
        guard mayStart else { return }
        do {
            try Threads.start("names") { self.work(question) }
        } catch {
            state.withLock { $0.threadCount -= 1 }
            answer(.failed)
        }
    }

    private func work(_ first: Question) {
        var next: Question? = first
        while let question = next {
            question.answer(lookUp(question.name))
            next = state.withLock { state in
                guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
                state.threadCount -= 1
                return nil
            }
        }
    }
}
