/// Measures how much of the thread's stack a recursion has used.
///
/// How much one evaluation inside another takes depends on what they do and on the optimizer, so that
/// counting them alone would be either too strict or not safe.
struct StackMeter {
    private let origin: UInt

    init() {
        origin = Self.position
    }

    /// Octets between the place where the meter was made and here.
    var usedByteCount: Int {
        let position = Self.position
        return Int(truncatingIfNeeded: position < origin ? origin - position : position - origin)
    }

    /// The address of a local variable.
    ///
    /// It is only compared, never read through.
    private static var position: UInt {
        var marker: UInt8 = 0
        return unsafe withUnsafeMutablePointer(to: &marker) { UInt(bitPattern: $0) }
    }
}
