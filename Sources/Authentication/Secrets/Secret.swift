import Primitives

/// Bytes that must not be seen: a carrier's token, a password, a shared key.
///
/// Printing it, dumping it, or interpolating a value that holds it writes `‹secret›`.
package struct Secret: Sendable {
    private let octets: [UInt8]

    package init(_ octets: [UInt8]) {
        self.octets = octets
    }

    package init(_ text: String) {
        octets = Array(text.utf8)
    }

    package var count: Int { octets.count }
    package var isEmpty: Bool { octets.isEmpty }

    /// The bytes themselves, for the one place that uses them.
    package func withBytes<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(octets.span)
    }
}

extension Secret: Hashable {
    /// Compares in a time that depends on the lengths alone.
    package static func == (left: Secret, right: Secret) -> Bool {
        left.octets.span.isEqualInConstantTime(to: right.octets.span)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(octets)
    }
}

extension Secret: Redacted {}

/// A value that prints as `‹secret›` wherever text is made of it: logs, errors, `dump`, test failures.
protocol Redacted: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {}

extension Redacted {
    package var description: String { "‹secret›" }
    package var debugDescription: String { "‹secret›" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
