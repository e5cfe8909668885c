import Primitives

/// Finds the lines of a head, a chunk or a trailer in a buffer that is still filling.
///
/// It looks at every octet once, however the stream is cut, and it refuses in the same place
/// whether a line arrives whole or octet by octet.
/// Invariant: start ≤ scanned ≤ the octets received.
struct LineScanner: Sendable {
    /// Where the current line begins.
    private(set) var start = 0
    private var scanned = 0

    /// Continues at `index`, as if nothing of what stands there had been seen.
    mutating func move(to index: Int) {
        start = index
        scanned = index
    }

    /// Follows the octets when those in front of the current line are taken out of the buffer.
    mutating func moveBack(by count: Int) {
        start &-= count
        scanned &-= count
    }

    /// What the buffer holds at the current line.
    enum Outcome {
        /// The line without its CRLF; the scanner stands behind it.
        case line(Range<Int>)
        case incomplete
        case tooLong
    }

    /// The next line, if it has at most `limit` octets before its CRLF.
    ///
    /// RFC 9112 §2.2 lets a recipient take a bare LF for a line end, and asks for a bare CR to be
    /// refused. Here both are refused: one server in a chain that counts lines differently from the
    /// next is all that smuggling needs.
    mutating func next(in bytes: Span<UInt8>, limit: Int) throws(HTTPRefusal) -> Outcome {
        let stop = bytes.firstControl(from: scanned)
        scanned = stop
        guard stop &- start <= limit else { return .tooLong }
        guard stop < bytes.count else { return .incomplete }
        guard bytes[stop] == ASCII.carriageReturn else {
            throw bytes[stop] == ASCII.lineFeed ? .lineEnding : .controlCharacter
        }
        guard stop &+ 1 < bytes.count else { return .incomplete }
        guard bytes[stop &+ 1] == ASCII.lineFeed else { throw .lineEnding }
        let line = start..<stop
        move(to: stop &+ 2)
        return .line(line)
    }
}

extension Span where Element == UInt8 {
    /// The first control character other than tab at or after `start`, or `count`.
    func firstControl(from start: Int) -> Int {
        var index = start
        while index &+ 8 <= count {
            let hits = Self.controls(in: word(at: index))
            guard hits != 0 else {
                index &+= 8
                continue
            }
            index &+= hits.trailingZeroBitCount >> 3
            guard self[index] == ASCII.tab else { return index }
            index &+= 1
        }
        while index < count {
            let byte = self[index]
            if ASCII.isControl(byte), byte != ASCII.tab { return index }
            index &+= 1
        }
        return count
    }

    /// Marks the top bit of each octet of `text` that is below 0x20 or is 0x7F, lowest address in
    /// the lowest octet.
    ///
    /// A borrow can mark octets above a true hit, never below it: the lowest mark is right.
    private static func controls(in text: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let below = (text &- ones &* 0x20) & ~text
        let delete = text ^ (ones &* 0x7F)
        return (below | ((delete &- ones) & ~delete)) & (ones &* 0x80)
    }
}
