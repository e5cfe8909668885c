import Primitives
import Routing
import Transport

/// Sends the requests of `http` steps, on one thread of its own.
///
/// Every origin has a lane of connections and of requests that wait for one; a lane that is slow, or
/// whose name does not resolve, takes nothing from the others. A name is resolved off that thread,
/// every address it stands for is checked, and the connection goes to a checked address.
package final class HTTPStepClient: Sendable {
    private let mailbox: Mailbox<Message>

    enum Message: Sendable {
        case send(Order)
        case resolved(HTTPOrigin, [IPAddress])
        /// Nothing more will be sent: what is under way may end.
        case close
    }

    /// A request with its deadline and with whoever waits for it.
    struct Order: Sendable {
        var request: HTTPStepRequest
        var deadline: Instant
        var deliver: @Sendable (WorkflowEvent) -> Void
    }

    /// - Parameters:
    ///   - allowedHosts: entries in the forms of `AllowedHost`.
    ///   - connectionsPerHost: to one origin at once; requests beyond them wait for one to be free.
    ///   - authorities: a file of certificates (PEM) to trust instead of the system's.
    ///   - resolver: finds the addresses of names.
    /// - Throws: when the kernel has no descriptor or thread for it.
    package init(
        allowedHosts: [String],
        connectionsPerHost: Int = Limits.connectionsPerHost,
        authorities: String? = nil,
        resolver: NameResolver = NameResolver()
    ) throws(SystemError) {
        let mailbox = try Mailbox<Message>()
        self.mailbox = mailbox
        // Handed over whole: nothing here touches it once the thread runs.
        nonisolated(unsafe) let poller = try HTTPStepLoop.poller(watching: mailbox)
        let hosts = HostAllowList(allowedHosts)
        try Threads.start("http-steps") {
            HTTPStepLoop(
                mailbox: mailbox,
                poller: poller,
                hosts: hosts,
                connectionsPerHost: connectionsPerHost,
                authorities: authorities,
                resolver: resolver
            ).run()
        }
    }

    deinit {
        mailbox.send(.close)
    }

    /// Sends a request, and says once what became of it, from the client's thread.
    ///
    /// Returns at once. `deliver` must not block: all requests wait for it. It is called at the latest
    /// a few milliseconds after `timeout`, also when the client is gone by then.
    package func send(
        _ request: HTTPStepRequest,
        timeout: Interval,
        deliver: @escaping @Sendable (WorkflowEvent) -> Void
    ) {
        mailbox.send(
            .send(Order(request: request, deadline: Clock.now() + timeout, deliver: deliver))
        )
    }
}

extension HTTPStepClient {
    /// A client as the operator wants it.
    convenience init(_ configuration: Configuration.Workflow) throws(SystemError) {
        try self.init(
            allowedHosts: configuration.allowedHosts,
            connectionsPerHost: configuration.connectionsPerHost
        )
    }
}
