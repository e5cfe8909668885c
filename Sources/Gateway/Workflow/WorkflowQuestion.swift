import Primitives
import Routing
import SIP

/// A call that an organization's workflow has to decide: everything that a run needs.
package struct WorkflowQuestion: Sendable {
    let definition: WorkflowDefinition
    let input: WorkflowInput
    let timeoutMilliseconds: Int
    /// What the call was resolved by; its directory decides which agents are usable.
    let state: ServingState
    /// The id of the call (`IncomingCall.id`).
    let call: UInt64
    /// A hash of the organization's id, the same in every loop.
    package var organization: UInt64 { Self.hash(ofOrganization: input.organizationID) }

    /// Nil where the organization has no workflow that can be run.
    package init?(_ decision: Decision, input: WorkflowInput, call: UInt64, state: ServingState) {
        guard let routing = state.directory.organization(decision.organization)?.routing,
            let workflow = routing.workflow
        else { return nil }
        definition = workflow
        self.input = input
        timeoutMilliseconds = routing.timeoutMilliseconds
        self.state = state
        self.call = call
    }

    static func hash(ofOrganization id: String) -> UInt64 {
        var hash = SipHash(key: SipHash.Key(0, 0))
        hash.combine(id.utf8Span.span)
        return hash.finalize()
    }
}

/// Which waiting call an answer is for: the loop that has the call, and its place there.
package struct CallTicket: Sendable, Hashable {
    package let loop: Int
    package let place: Place

    package init(loop: Int, place: Place) {
        self.loop = loop
        self.place = place
    }

    package enum Place: Sendable, Hashable {
        case invite(TransactionID)
        case webhook(WebhookPlace)
    }
}

/// A request of an HTTP connection that waits for its answer.
package struct WebhookPlace: Sendable, Hashable {
    let connection: UInt64
    /// Counts the requests of the connection.
    let request: Int

    package init(connection: UInt64, request: Int) {
        self.connection = connection
        self.request = request
    }
}
