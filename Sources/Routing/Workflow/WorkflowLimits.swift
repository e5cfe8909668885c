import Primitives

/// The bounds of definitions and runs, each with its reason.
package enum WorkflowLimits {
    /// Steps of one definition: more than people can read, and few enough for a check in no time.
    static let stepCountMax = 500
    /// Arrays and objects inside each other in a definition: reading one recurses.
    static let definitionDepthMax = 32
    /// Steps that one run visits.
    static let visitCountMax = 64
    /// Operations of all expressions of one run.
    package static let operationCountMax = 100_000
    /// Octets of all values that one run holds: the input and every step's result.
    package static let valueByteCountMax = 256 << 10
    /// Octets of the body of an HTTP answer.
    package static let bodyByteCountMax = 64 << 10
    /// Header fields of an HTTP answer that a step's result keeps; the rest is dropped.
    package static let responseHeaderCountMax = 64
    /// Octets of a URL after its expressions are filled in; what servers take at least (RFC 9110
    /// §4.1).
    package static let urlByteCountMax = 8_000
    /// Octets of `initial_context`, and of `custom_metadata` as JSON.
    package static let contextByteCountMax = 16 << 10
    /// Targets that an output names: as many as are offered to one call.
    static let targetCountMax = TargetOrder.countMax
    /// Octets of the text that counts or remembers a call, so that tables keyed by it stay small.
    package static let keyByteCountMax = 256
    /// Milliseconds of a whole run.
    static let timeoutMilliseconds = 100...10_000
    /// Milliseconds of one HTTP step.
    static let stepTimeoutMilliseconds = 1...10_000
    /// Half of the default of a run, so that a step that waits in vain leaves time for another.
    static let stepTimeoutMillisecondsDefault = 2_500
    /// Seconds that a `limit` counts or a `sticky` remembers: at most 30 days.
    static let windowSeconds = 1...2_592_000
    /// A call that never said that it ended stops counting after four hours.
    static let leaseSecondsDefault = 14_400
}
