import CLinux
import Glibc
import Synchronization

/// Starts the threads of the daemon: one for each event loop, one for records.
package enum Threads {
    /// Runs `body` on a thread of its own; `name` is cut to the kernel's 15 bytes.
    package static func start(
        _ name: String,
        _ body: @escaping @Sendable () -> Void
    ) throws(SystemError) {
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread,
            nil,
            { context in
                guard let context else { return nil }
                let start = Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
                _ = clinux_thread_name(String(start.name.prefix(15)))
                start.body()
                return nil
            },
            start.toOpaque()
        )
        guard code == 0 else {
            start.release()
            throw SystemError("start the thread \(name)", code: code)
        }
        pthread_detach(thread)
    }

    /// Runs `body` on a thread of its own, which owns `value` from then on.
    package static func start<Value>(
        _ name: String,
        owning value: sending Value,
        _ body: @escaping @Sendable (sending Value) -> Void
    ) throws(SystemError) {
        let handover = Handover(value)
        try start(name) {
            if let value = handover.take() { body(value) }
        }
    }

    /// Lets calls go first: the calling thread gets what processor time they leave.
    package static func yieldToCalls() {
        clinux_thread_yields_to_calls()
    }

    /// Holds a value on its way to another thread.
    private final class Handover<Value>: Sendable {
        private let value: Mutex<Value?>

        init(_ value: sending Value) {
            self.value = Mutex(value)
        }

        func take() -> sending Value? {
            value.withLock { value in
                let taken = value.take()
                return taken
            }
        }
    }

    private final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
}
