import Primitives

/// Finds the `HeaderName` of a name in any case, in one look: about as long as comparing two words.
///
/// Each slot holds a name as three little-endian words in lower case. The slot follows from the
/// length and two letters; names that fall on the same slot stand in the next free one.
struct HeaderNameTable: Sendable {
    static let shared = HeaderNameTable()

    private var slots: [Slot]

    init() {
        slots = Array(repeating: Slot(name: .other, count: 0, words: (0, 0, 0)), count: 256)
        for name in HeaderName.allCases where name != .other {
            insert(name)
        }
    }

    func name(of text: Span<UInt8>) -> HeaderName {
        guard text.count > 1 else {
            return text.count == 1 ? HeaderName(compact: text[0]) : .other
        }
        guard text.count <= 24 else { return .other }
        let words = text.foldedWords()
        var position = Self.position(words, text.count)
        while slots[position].count != 0 {
            let slot = slots[position]
            if slot.count == UInt8(truncatingIfNeeded: text.count), slot.words == words {
                return slot.name
            }
            position = (position &+ 1) & 255
        }
        return .other
    }

    private mutating func insert(_ name: HeaderName) {
        name.text.withUTF8Buffer { buffer in
            let text = unsafe buffer.span
            let words = text.foldedWords()
            var position = Self.position(words, text.count)
            while slots[position].count != 0 { position = (position &+ 1) & 255 }
            let count = UInt8(truncatingIfNeeded: text.count)
            slots[position] = Slot(name: name, count: count, words: words)
        }
    }

    private static func position(_ words: (UInt64, UInt64, UInt64), _ count: Int) -> Int {
        let mixed =
            (words.0 ^ words.1 &* 31 ^ UInt64(truncatingIfNeeded: count)) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: mixed >> 56)
    }

    private struct Slot: Sendable {
        var name: HeaderName
        var count: UInt8
        var words: (UInt64, UInt64, UInt64)
    }
}

extension Span where Element == UInt8 {
    /// The first 24 bytes as three words with bit 5 of every byte set, which folds the case of letters.
    ///
    /// No name in the table holds a byte that another token character folds to, so that equal words
    /// mean equal names.
    fileprivate func foldedWords() -> (UInt64, UInt64, UInt64) {
        let fold: UInt64 = 0x2020_2020_2020_2020
        guard count >= 8 else { return (shortWord(from: 0) | fold, 0, 0) }
        let first = word(at: 0) | fold
        guard count >= 16 else { return (first, shortWord(from: 8) | fold, 0) }
        return (first, word(at: 8) | fold, shortWord(from: 16) | fold)
    }

    /// The bytes from `start` on, at most seven, as a little-endian word.
    private func shortWord(from start: Int) -> UInt64 {
        let left = count &- start
        if left >= 8 { return word(at: start) }
        if left <= 0 { return 0 }
        // The last eight bytes, shifted, are quicker than up to seven single ones.
        if count >= 8 {
            return word(at: count &- 8) >> UInt64(truncatingIfNeeded: 64 &- left &* 8)
        }
        var word: UInt64 = 0
        var index = 0
        while index < left {
            word |= UInt64(self[start &+ index]) << UInt64(truncatingIfNeeded: index &* 8)
            index &+= 1
        }
        return word
    }
}
