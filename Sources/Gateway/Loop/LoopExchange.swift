import Transport

/// How one loop reaches the others, and what all of them share.
package struct LoopExchange: Sendable {
    /// The place of this loop among all.
    let own: Int
    package let mailboxes: [Mailbox<LoopMessage>]
    let waiting: WaitingCalls
    let breakers: HostBreakers
    let contexts: CallContexts

    package init(
        own: Int,
        mailboxes: [Mailbox<LoopMessage>],
        waiting: WaitingCalls = WaitingCalls(),
        breakers: HostBreakers = HostBreakers(Configuration.Workflow.CircuitBreaker()),
        contexts: CallContexts = CallContexts()
    ) {
        self.own = own
        self.mailboxes = mailboxes
        self.waiting = waiting
        self.breakers = breakers
        self.contexts = contexts
    }

    /// A loop without others.
    package static func alone() throws -> LoopExchange {
        LoopExchange(own: 0, mailboxes: [try Mailbox()])
    }

    var mailbox: Mailbox<LoopMessage> { mailboxes[own] }

    /// The loop that runs the workflow of an organization, by the hash of its id.
    package func owner(ofOrganization hash: UInt64) -> Int {
        Int(hash % UInt64(mailboxes.count))
    }

    func send(_ message: LoopMessage, to loop: Int) {
        guard loop >= 0, loop < mailboxes.count else { return }
        mailboxes[loop].send(message)
    }
}
