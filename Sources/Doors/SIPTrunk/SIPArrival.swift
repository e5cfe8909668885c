import Primitives
import Routing
import SIP

/// How an INVITE came in, beside its text: what was read of its head, where it is from, and the trunks
/// that its source belongs to.
package struct SIPArrival: Sendable {
    package let envelope: RequestEnvelope
    package let source: IPEndpoint
    /// Whether it came over a stream.
    package let isReliable: Bool
    package let group: TrunkGroup
    package let tag: ToTag

    package init(
        envelope: RequestEnvelope,
        source: IPEndpoint,
        isReliable: Bool,
        group: TrunkGroup,
        tag: ToTag
    ) {
        self.envelope = envelope
        self.source = source
        self.isReliable = isReliable
        self.group = group
        self.tag = tag
    }
}

/// What the door has read from an INVITE.
package struct SIPReading: Sendable {
    package var call: IncomingCall
    /// What was dialled, as it stands in the message.
    package var dialled = ByteSlice.empty
    /// Who calls, as it stands in the message.
    package var caller = ByteSlice.empty
    /// The carrier's verdict on the caller's number.
    package var attestation = WorkflowInput.Attestation.none
    /// Whether the call was forwarded from the number that it dials more often than networks forward.
    package var isLooping = false
}

extension WorkflowInput.Attestation {
    init(_ verification: CallerVerification) {
        switch (verification.status, verification.attestation) {
        case (.failed, _): self = .failed
        case (_, .full): self = .full
        case (_, .partial): self = .partial
        case (_, .gateway): self = .gateway
        case (_, nil): self = .none
        }
    }
}
