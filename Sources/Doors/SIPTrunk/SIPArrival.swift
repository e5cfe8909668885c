import Primitives
import Routing
import SIP

/// An INVITE as it came in: the message, its bytes, and the trunks that its source belongs to.
///
/// It lives as long as the bytes do, for one turn of a loop.
package struct SIPArrival: ~Escapable {
    package let message: SIPMessage
    package let envelope: RequestEnvelope
    package let bytes: Span<UInt8>
    package let source: IPEndpoint
    package let group: TrunkGroup
    package let tag: ToTag

    @_lifetime(copy bytes)
    package init(
        message: SIPMessage, envelope: RequestEnvelope, bytes: Span<UInt8>, source: IPEndpoint,
        group: TrunkGroup, tag: ToTag
    ) {
        self.message = message
        self.envelope = envelope
        self.bytes = bytes
        self.source = source
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
    /// Whether the caller asked not to be shown (RFC 3323).
    package var isCallerHidden = false
    package var attestation = Attestation.none

    /// The carrier's verdict on the caller's number, as workflows and records name it.
    package enum Attestation: Sendable {
        case a, b, c, failed, none

        package var name: StaticString {
            switch self {
            case .a: "A"
            case .b: "B"
            case .c: "C"
            case .failed: "failed"
            case .none: "none"
            }
        }

        init(_ verification: CallerVerification) {
            switch (verification.status, verification.attestation) {
            case (.failed, _): self = .failed
            case (_, .full): self = .a
            case (_, .partial): self = .b
            case (_, .gateway): self = .c
            case (_, nil): self = .none
            }
        }
    }
}
