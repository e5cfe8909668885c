import Primitives

/// The `Date` field line, rendered once for each second and shared by all connections of a loop.
///
/// RFC 9110 §6.6.1: an origin server with a clock sends Date in every answer below 500.
package struct HTTPDate: Sendable {
    private(set) var line = ByteBuffer(capacity: 40)
    private var second: Int64

    package init(_ time: WallTime) {
        second = time.seconds
        render(time)
    }

    /// Follows the clock; costs nothing within the same second.
    package mutating func update(to time: WallTime) {
        guard time.seconds != second else { return }
        second = time.seconds
        render(time)
    }

    private mutating func render(_ time: WallTime) {
        line.removeAll()
        line.append("Date: ")
        line.appendHTTPDate(time)
        line.append("\r\n")
    }
}
