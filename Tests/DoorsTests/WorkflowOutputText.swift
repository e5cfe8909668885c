import Primitives
import Routing

extension WorkflowOutput {
    /// The output of a workflow that named this agent; `metadata` is JSON.
    static func naming(
        _ agentID: String? = "sales & co",
        context: String = "",
        metadata: String = "",
        label: String? = nil,
        targets: [String] = []
    ) -> WorkflowOutput? {
        let bytes = Array(metadata.utf8)
        return WorkflowOutput(
            agentID: agentID,
            version: nil,
            initialContext: context,
            metadata: bytes.span,
            label: label,
            targets: targets
        )
    }

    /// The output of a workflow that refused the call.
    static func rejecting(_ reason: RejectReason?) -> WorkflowOutput {
        var output = WorkflowOutput()
        output.rejects = true
        output.rejectReason = reason
        return output
    }
}

extension DirectorySnapshot {
    /// What becomes of a call that was decided without a workflow when one says this.
    func conclude(
        _ decision: Decision,
        with output: WorkflowOutput,
        of call: IncomingCall
    ) -> Decision {
        var consultation = Decision(outcome: .consult, rule: .workflow)
        consultation.organization = decision.organization
        consultation.trunk = decision.trunk
        consultation.credential = decision.credential
        consultation.number = decision.number
        var trace = NoTrace()
        return conclude(
            consultation,
            with: WorkflowResult(.decided(output)),
            of: call,
            trace: &trace
        )
    }
}

extension String {
    /// Undoes percent-encoding; text that is no UTF-8 then has U+FFFD in it.
    var unescaped: String { String(decoding: unescapedBytes, as: UTF8.self) }

    var unescapedBytes: [UInt8] {
        let bytes = Array(utf8)
        var out: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == ASCII.percent, index + 2 < bytes.count,
                let high = ASCII.hexValue(bytes[index + 1]),
                let low = ASCII.hexValue(bytes[index + 2])
            {
                out.append(high << 4 | low)
                index += 3
            } else {
                out.append(bytes[index])
                index += 1
            }
        }
        return out
    }
}

extension SeededRandom {
    /// Text with much of what ends lines, headers, URIs, attributes and elements.
    mutating func hostileText(upTo length: Int) -> String {
        let pieces = [
            "\r\n", "\n", "\r", "\0", "\t", "\u{1B}[31m", "\u{7F}", "\u{85}", "\u{2028}",
            "%0D%0A", "%", "%%", "%2", "%zz", "?", "&", "=", ";", ">", "<", "\"", "'", "\\", ",",
            "Contact: <sip:evil@example.com>", "\r\nVia: SIP/2.0/UDP evil", "</Dial>", "]]>",
            "<!--",
            "&amp;", "\u{FFFE}", "\u{FFFF}", "\u{10FFFF}", "\u{202E}", "é", "中", "a", " ", "+", "@",
        ]
        var text = ""
        for _ in 0..<Int.random(in: 0...length, using: &self) {
            text += pieces.randomElement(using: &self) ?? ""
        }
        return text
    }
}
