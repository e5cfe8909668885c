import Primitives

/// What one evaluation may use up.
///
/// Each bound names its error code. None is a time, so that an evaluation comes out the same on every
/// machine and in every replay.
package struct EvaluationLimits: Sendable {
    /// Evaluated nodes, elements looped over, steps of a regular expression (U1002).
    package var operationCountMax = 100_000

    /// Nodes evaluated inside each other (U1001).
    ///
    /// A call of a function takes about three of them.
    package var depthMax = 400

    /// Octets of the thread's stack (U1001), a safety net under `depthMax`.
    ///
    /// The thread needs 256 KiB more than this.
    package var stackByteCountMax = 1 << 20

    /// Octets of all values that the evaluation makes, intermediate ones included (U1003).
    ///
    /// An estimate: the text of strings, 16 for an element of an array or a member of an object.
    package var valueByteCountMax = 256 << 10

    /// Arrays and objects inside each other, at most 250 (U1003), so that freeing a value cannot
    /// recurse deeply.
    package var valueDepthMax = 250

    package init() {}
}

/// What an evaluation sees of the world: the same environment and input give the same result.
package struct EvaluationEnvironment: Sendable {
    /// `$now()` and `$millis()`.
    package var timestamp: WallTime
    /// Where `$random()` and `$shuffle()` start.
    package var seed: UInt64
    package var limits: EvaluationLimits

    package init(
        timestamp: WallTime,
        seed: UInt64 = 0,
        limits: EvaluationLimits = EvaluationLimits()
    ) {
        self.timestamp = timestamp
        self.seed = seed
        self.limits = limits
    }
}
