import JSONata
import Primitives

extension WorkflowInput {
    /// The call as a workflow sees it, as far as both doors agree; a door adds what only its own wire
    /// format says.
    ///
    /// `callerText` is the caller as the carrier wrote it, for one that is no number and not anonymous.
    package init(
        _ call: IncomingCall,
        callerText: @autoclosure () -> String,
        decision: Decision,
        directory: DirectorySnapshot
    ) {
        let caller =
            switch call.caller {
            case .number(let number): number.e164
            case .anonymous: ""
            case .other: callerText()
            }
        self.init(
            callerNumber: caller,
            calledNumber: decision.number?.e164 ?? "",
            trunkID: directory.carrierID(of: decision),
            organizationID: directory.organization(decision.organization)?.id ?? "",
            timestamp: call.time,
            callID: Hex.text(call.id),
            door: call.door
        )
        guard let entry = decision.number.flatMap({ directory.entry($0) }) else { return }
        let details = directory.numbers.details(of: entry)
        numberLabel = details.label
        if !details.metadata.isEmpty {
            let bytes = Array(details.metadata.utf8)
            numberMetadata = (try? JSONValue.parse(bytes.span))?.objectValue ?? JSONObject()
        }
    }
}

extension DirectorySnapshot {
    /// The id of the trunk, or of the credential, that brought the call; empty where neither is known.
    func carrierID(of decision: Decision) -> String {
        trunk(decision.trunk)?.id ?? credential(decision.credential)?.id ?? ""
    }
}
