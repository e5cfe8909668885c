import CLinux
import Glibc
import Primitives
import Synchronization

/// Messages for a loop from other threads; the loop takes all of them once for each wake-up.
package final class Mailbox<Message: Sendable>: Sendable {
    private let messages = Mutex<[Message]>([])
    /// Readable while messages wait; the owner watches it with its poller.
    package let descriptor: Int32

    package init() throws(SystemError) {
        descriptor = try check(clinux_eventfd_create(), "create a mailbox")
    }

    deinit {
        close(descriptor)
    }

    package func send(_ message: Message) {
        let wasEmpty = messages.withLock { messages in
            messages.append(message)
            return messages.count == 1
        }
        if wasEmpty { clinux_eventfd_signal(descriptor) }
    }

    /// Everything that has been sent since the last time, oldest first.
    package func takeAll() -> [Message] {
        clinux_eventfd_clear(descriptor)
        return messages.withLock { messages in
            let taken = messages
            messages = []
            return taken
        }
    }
}
