import Primitives
import Routing
import SIP

extension SIPTrunkDoor {
    /// What the organization's workflow is told of an INVITE; `decision` is the one that asked for it.
    package static func workflowInput(
        _ message: SIPMessage,
        of arrival: SIPArrival,
        reading: SIPReading,
        decision: Decision,
        in bytes: Span<UInt8>,
        directory: DirectorySnapshot
    ) -> WorkflowInput {
        var input = WorkflowInput(
            reading.call,
            callerText: bytes.text(reading.caller),
            decision: decision,
            directory: directory
        )
        input.callerName = callerName(of: arrival, in: bytes)
        var diversions = Diversions(of: message, in: bytes)
        while let diversion = diversions.next(of: message, in: bytes) {
            let uri = SIPURI(diversion.address.uri, in: bytes)
            input.diversion.append(bytes.text(uri?.user ?? diversion.address.uri))
        }
        input.attestation = reading.attestation
        for field in message.fields {
            let name = bytes.bytes(field.name)
            guard name.count > 2, name[1] == 0x2D, ASCII.lowercased(name[0]) == 0x78 else {
                continue
            }
            input.headers.append((name.text, bytes.text(field.value)))
        }
        return input
    }

    /// The display name in From, without its quotes.
    package static func callerName(of arrival: SIPArrival, in bytes: Span<UInt8>) -> String {
        unquoted(bytes.bytes(arrival.envelope.from.displayName))
    }

    /// RFC 3261 §25.1: a display name is tokens, or a quoted string in which `\` escapes.
    private static func unquoted(_ name: Span<UInt8>) -> String {
        guard name.count >= 2, name[0] == ASCII.quote, name[name.count - 1] == ASCII.quote else {
            return name.text
        }
        let quoted = name.extracting(1..<(name.count - 1))
        guard quoted.firstIndex(of: ASCII.backslash) != nil else { return quoted.text }
        var text = ByteBuffer(capacity: quoted.count)
        var isEscaped = false
        for index in quoted.indices {
            isEscaped = !isEscaped && quoted[index] == ASCII.backslash
            if !isEscaped { text.append(quoted[index]) }
        }
        return text.text
    }
}
