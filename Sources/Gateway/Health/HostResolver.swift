import Primitives
import Transport

/// Finds the addresses of names on a thread of its own, because a name server may take seconds.
final class HostResolver: Sendable {
    private let questions: Mailbox<String>
    private let answer: @Sendable (String, HostNames.Answer) -> Void

    /// `answer` is called on the resolver's thread, once for each question.
    init(_ answer: @escaping @Sendable (String, HostNames.Answer) -> Void) throws(SystemError) {
        self.answer = answer
        questions = try Mailbox()
    }

    /// Starts the thread; it lives as long as the process.
    func start() throws(SystemError) {
        try Threads.start("resolver") { [self] in
            // Without a poller there are no answers, and targets with names stay unknown.
            guard let poller = try? Poller(capacity: 1) else { return }
            guard (try? poller.add(questions.descriptor, token: 0)) != nil else { return }
            while (try? poller.wait(until: nil, now: Clock.now())) != nil {
                for name in questions.takeAll() { answer(name, HostNames.resolve(name)) }
            }
        }
    }

    /// Asks for the addresses of a name; who asks makes sure that it is not asked for already.
    func ask(_ name: String) {
        questions.send(name)
    }
}
