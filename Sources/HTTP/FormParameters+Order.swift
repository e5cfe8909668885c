import Primitives

/// The order in which webhook signatures take the parameters.
extension FormParameters {
    /// Indices into the form, sorted by the octets of the names, then of the values.
    ///
    /// Equal pairs stay in the order of arrival. Valid after `sort`, until the next `parse`.
    package var sortedIndices: [UInt16] { order }

    /// Computes `sortedIndices` by merging, so that 1,000 names chosen by a stranger cost 10,000
    /// comparisons and not a million.
    ///
    /// Forms mostly arrive in order, and then nothing is moved.
    package mutating func sort() {
        order.removeAll(keepingCapacity: true)
        for index in 0..<UInt16(truncatingIfNeeded: count) { order.append(index) }
        var width = 1
        while width < count {
            var start = 0
            while start &+ width < count {
                merge(start, start &+ width, min(start &+ width &* 2, count))
                start &+= width &* 2
            }
            width &*= 2
        }
    }

    /// Merges `order[start..<middle]` with `order[middle..<end]`, each sorted.
    private mutating func merge(_ start: Int, _ middle: Int, _ end: Int) {
        guard precedes(order[middle], order[middle &- 1]) else { return }
        merged.removeAll(keepingCapacity: true)
        merged.append(contentsOf: order[start..<middle])
        var left = 0
        var right = middle
        var target = start
        while left < merged.count {
            if right < end, precedes(order[right], merged[left]) {
                order[target] = order[right]
                right &+= 1
            } else {
                order[target] = merged[left]
                left &+= 1
            }
            target &+= 1
        }
    }

    /// Whether the pair at `first` sorts strictly before the one at `second`.
    private func precedes(_ first: UInt16, _ second: UInt16) -> Bool {
        let left = self[Int(first)]
        let right = self[Int(second)]
        let text = bytes.span
        let order = text.compare(left.name, right.name)
        return order == 0 ? text.compare(left.value, right.value) < 0 : order < 0
    }
}

extension Span where Element == UInt8 {
    /// Negative, zero or positive, octet by octet; a prefix sorts before what it begins.
    fileprivate func compare(_ left: ByteSlice, _ right: ByteSlice) -> Int {
        let common = Int(Swift.min(left.count, right.count))
        var index = 0
        while index < common {
            let first = self[left.lowerBound &+ index]
            let second = self[right.lowerBound &+ index]
            if first != second { return first < second ? -1 : 1 }
            index &+= 1
        }
        return Int(left.count) &- Int(right.count)
    }
}
