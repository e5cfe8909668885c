import JSONata
import Primitives

/// What goes along with a call to its agent, beside its id: what the workflow said, and what the number's
/// dispatch template holds.
///
/// A reference, because most calls have none and their decisions stay small.
package final class Enclosure: Sendable {
    /// The workflow's `initial_context`; empty for none.
    package let context: [UInt8]
    /// A JSON object without line ends; empty for none.
    package let metadata: [UInt8]

    /// What an answer takes along, and what a record's `left_out` names when it did not fit.
    package struct Parts: OptionSet, Sendable, Hashable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) { self.rawValue = rawValue }

        package static let call = Parts(rawValue: 1)
        package static let agent = Parts(rawValue: 2)
        package static let metadata = Parts(rawValue: 4)
        package static let context = Parts(rawValue: 8)
        /// Further targets that the workflow named.
        package static let targets = Parts(rawValue: 16)
        package static let label = Parts(rawValue: 32)

        /// In the order in which room is given to them, by the names that records show.
        package static let named: InlineArray<6, (part: Parts, name: StaticString)> = [
            (.call, "call"), (.agent, "agent"), (.targets, "targets"), (.label, "label"),
            (.metadata, "metadata"), (.context, "context"),
        ]
    }

    package init(context: [UInt8] = [], metadata: [UInt8] = []) {
        self.context = context
        self.metadata = metadata
    }

    /// The members of the output win over those of the template; nil when nothing is left to enclose.
    convenience init?(output: WorkflowOutput?, template: JSONObject?) {
        var object = template ?? JSONObject()
        if let output {
            for key in output.customMetadata.keys { object[key] = output.customMetadata[key] }
        }
        let context = output?.initialContext ?? ""
        guard !object.isEmpty || !context.isEmpty else { return nil }
        var metadata = ByteBuffer()
        if !object.isEmpty { JSONValue.object(object).append(to: &metadata) }
        self.init(context: Array(context.utf8), metadata: metadata.bytes)
    }

    /// Which parts there are.
    package var parts: Parts {
        var parts: Parts = []
        if !context.isEmpty { parts.insert(.context) }
        if !metadata.isEmpty { parts.insert(.metadata) }
        return parts
    }
}
