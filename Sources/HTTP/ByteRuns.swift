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
