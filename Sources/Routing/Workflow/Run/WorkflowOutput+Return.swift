import JSONata
import Primitives

/// What of an output comes back with a call, in the URL that we handed out.
extension WorkflowOutput {
    /// Puts an output together again from texts; nil when one of them is nothing that a workflow could
    /// have said.
    ///
    /// `metadata` is a JSON object, or empty for none.
    package init?(
        agentID: String?,
        version: Int?,
        initialContext: String,
        metadata: Span<UInt8>,
        label: String?,
        targets: [String]
    ) {
        self.init()
        self.agentID = agentID
        self.version = version
        do throws(WorkflowFault) {
            try set(.initialContext, to: .string(initialContext))
            if metadata.count > 0 {
                guard let value = try? JSONValue.parse(metadata) else { return nil }
                try set(.customMetadata, to: value)
            }
            if let label { try set(.label, to: .string(label)) }
            try set(.targets, to: .array(JSONArray(targets.map { .string($0) })))
        } catch {
            return nil
        }
    }

    /// `custom_metadata` as JSON without line ends; empty when there is none.
    package var metadataText: [UInt8] {
        guard !customMetadata.isEmpty else { return [] }
        var text = ByteBuffer()
        JSONValue.object(customMetadata).append(to: &text)
        return text.bytes
    }
}
