extension String {
    /// Whether both are the same octets.
    ///
    /// `==` of the standard library also holds for texts that Unicode calls equivalent, which JSON
    /// and JavaScript tell apart.
    package func hasSameBytes(as other: String) -> Bool {
        guard utf8.count == other.utf8.count, self == other else { return false }
        return utf8Span.isKnownASCII || utf8.elementsEqual(other.utf8)
    }

    /// JavaScript's `<` on strings: by UTF-16 code units.
    func precedes(_ other: String) -> Bool {
        var left = utf8.makeIterator()
        var right = other.utf8.makeIterator()
        while true {
            guard let rightByte = right.next() else { return false }
            guard let leftByte = left.next() else { return true }
            if leftByte == rightByte { continue }
            // In UTF-16, U+10000 and above begin with D800…DFFF and so sort before U+E000…U+FFFF,
            // whose UTF-8 begins with EE or EF.
            if leftByte >= 0xEE, rightByte >= 0xEE, (leftByte >= 0xF0) != (rightByte >= 0xF0) {
                return leftByte >= 0xF0
            }
            return leftByte < rightByte
        }
    }
}
