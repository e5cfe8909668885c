import Primitives

extension Span where Element == UInt8 {
    /// `range` without the spaces and tabs at its ends (OWS, RFC 9110 §5.6.3).
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end, self[start] == ASCII.space || self[start] == ASCII.tab { start &+= 1 }
        while end > start, self[end &- 1] == ASCII.space || self[end &- 1] == ASCII.tab {
            end &-= 1
        }
        return start..<end
    }
}

extension Array where Element == UInt8 {
    /// Copies `range` to `index`, which lies below it; the two may overlap.
    mutating func moveDown(_ range: Range<Int>, to index: Int) {
        unsafe withUnsafeMutableBytes { room in
            let source = unsafe UnsafeRawBufferPointer(rebasing: room[range])
            let target = unsafe UnsafeMutableRawBufferPointer(
                rebasing: room[index..<(index &+ range.count)]
            )
            unsafe target.copyMemory(from: source)
        }
    }
}
