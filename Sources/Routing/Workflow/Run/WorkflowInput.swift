import JSONata
import Primitives

/// The call as a workflow sees it: `input` in every expression.
package struct WorkflowInput: Sendable {
    /// E.164; empty for an anonymous caller.
    package var callerNumber: String
    /// E.164.
    package var calledNumber: String
    package var trunkID: String
    package var organizationID: String
    /// When the call came; `$now()`, `$millis()` and schedules take it too.
    package var timestamp: WallTime
    package var callID: String
    package var door: IncomingCall.Door
    package var callerName = ""
    /// The most recent first.
    package var diversion: [String] = []
    package var attestation = Attestation.none
    /// `X-` headers of an INVITE, or the parameters of a webhook; of equal names the last counts.
    package var headers: [(name: String, value: String)] = []
    package var numberLabel = ""
    package var numberMetadata = JSONObject()

    package init(
        callerNumber: String,
        calledNumber: String,
        trunkID: String,
        organizationID: String,
        timestamp: WallTime,
        callID: String,
        door: IncomingCall.Door
    ) {
        self.callerNumber = callerNumber
        self.calledNumber = calledNumber
        self.trunkID = trunkID
        self.organizationID = organizationID
        self.timestamp = timestamp
        self.callID = callID
        self.door = door
    }

    /// What the network says about the caller's number (STIR/SHAKEN, RFC 8588 §4).
    package enum Attestation: String, Sendable, CaseIterable {
        case full = "A"
        case partial = "B"
        case gateway = "C"
        case failed
        case none
    }

    /// The value of `input`.
    package var value: JSONValue { InputView.everything.value(of: self) }
}
