/// Finds the name that somebody meant who wrote another one.
package enum Spelling {
    /// The name among `candidates` that `word` was probably meant to be, or nil.
    ///
    /// Upper and lower case are the same; a third of the letters may be wrong, one at least and three at
    /// most. Words of more than 64 octets are none that anybody meant.
    package static func nearest(to word: String, among candidates: [String]) -> String? {
        guard word.utf8.count <= 64 else { return nil }
        let written = Array(word.lowercased().utf8)
        let tolerance = max(1, min(3, written.count / 3))
        let ranked = candidates.map {
            (name: $0, distance: distance(written, Array($0.lowercased().utf8)))
        }
        guard let best = ranked.min(by: { $0.distance < $1.distance }), best.distance <= tolerance
        else { return nil }
        return best.name
    }

    /// Insertions, deletions, replacements and swaps of neighbours that turn one name into the other
    /// (optimal string alignment).
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforePrevious: [Int] = []
        var previous = Array(0...right.count)
        for (row, leftByte) in left.enumerated() {
            var current = [row + 1]
            for (column, rightByte) in right.enumerated() {
                let replaced = previous[column] + (leftByte == rightByte ? 0 : 1)
                var least = min(replaced, previous[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, leftByte == right[column - 1], left[row - 1] == rightByte {
                    least = min(least, beforePrevious[column - 1] + 1)
                }
                current.append(least)
            }
            beforePrevious = previous
            previous = current
        }
        return previous[right.count]
    }
}
