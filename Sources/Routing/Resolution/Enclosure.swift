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
    ///
    /// A set of bits of its own: the generic methods of an `OptionSet` of another module took as long
    /// as the rest of an answer.
    @usableFromInline
    package struct Parts: Hashable, Sendable, BitwiseCopyable {
        @usableFromInline var bits: UInt8

        @inlinable
        init(bits: UInt8) { self.bits = bits }

        @inlinable package static var none: Parts { Parts(bits: 0) }
        @inlinable package static var call: Parts { Parts(bits: 1) }
        @inlinable package static var agent: Parts { Parts(bits: 2) }
        @inlinable package static var metadata: Parts { Parts(bits: 4) }
        @inlinable package static var context: Parts { Parts(bits: 8) }
        /// Further targets that the workflow named.
        @inlinable package static var targets: Parts { Parts(bits: 16) }
        @inlinable package static var label: Parts { Parts(bits: 32) }

        @inlinable package var isEmpty: Bool { bits == 0 }

        @inlinable
        package func contains(_ other: Parts) -> Bool { bits & other.bits == other.bits }

        @inlinable
        package mutating func insert(_ other: Parts) { bits |= other.bits }

        @inlinable
        package func union(_ other: Parts) -> Parts { Parts(bits: bits | other.bits) }

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
        var parts = Parts.none
        if !context.isEmpty { parts.insert(.context) }
        if !metadata.isEmpty { parts.insert(.metadata) }
        return parts
    }
}
