/// Reads a pattern (ECMA-262 §22.2.1 with Annex B.1.2, without the `u` flag).
struct RegexParser {
    private let units: [UInt16]
    private var offset = 0
    private var depth = 0
    private(set) var groupCount = 0
    private(set) var sets: [CharacterSet] = []

    init(_ pattern: String) {
        units = Array(pattern.utf16)
    }

    mutating func parse() throws(Regex.Failure) -> RegexNode {
        let node = try alternatives()
        guard offset == units.count else { throw .malformed }
        return node
    }

    private var current: UInt16? { unit(0) }

    private func unit(_ distance: Int) -> UInt16? {
        offset + distance < units.count ? units[offset + distance] : nil
    }

    private mutating func take(_ character: Character) -> Bool {
        guard current == character.utf16.first else { return false }
        offset += 1
        return true
    }

    private mutating func alternatives() throws(Regex.Failure) -> RegexNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthMax else { throw .malformed }
        var nodes = [try sequence()]
        while take("|") { nodes.append(try sequence()) }
        return nodes.count == 1 ? nodes[0] : .alternatives(nodes)
    }

    private mutating func sequence() throws(Regex.Failure) -> RegexNode {
        var nodes: [RegexNode] = []
        while let unit = current, unit != 0x7C, unit != 0x29 {
            let groupsBefore = groupCount
            let node = try atom(unit)
            nodes.append(try quantified(node, groups: (groupsBefore + 1)..<(groupCount + 1)))
        }
        return nodes.count == 1 ? nodes[0] : nodes.isEmpty ? .empty : .sequence(nodes)
    }

    private mutating func atom(_ unit: UInt16) throws(Regex.Failure) -> RegexNode {
        offset += 1
        switch Unicode.Scalar(unit) {
        case "^": return .lineStart
        case "$": return .lineEnd
        case ".": return .any
        case "(": return try group()
        case "[": return .set(try add(characterClass()))
        case "\\": return try escape()
        case "*", "+", "?": throw .malformed
        default: return .unit(unit)
        }
    }

    private mutating func add(_ set: CharacterSet) throws(Regex.Failure) -> Int {
        guard sets.count < Self.setCountMax else { throw .malformed }
        sets.append(set)
        return sets.count - 1
    }

    private mutating func group() throws(Regex.Failure) -> RegexNode {
        var number: Int?
        if take("?") {
            if take(":") {
                // A group that captures nothing.
            } else if take("<"), current != 0x3D, current != 0x21 {
                guard let end = units[offset...].firstIndex(of: 0x3E) else { throw .malformed }
                offset = end + 1
                groupCount += 1
                number = groupCount
            } else {
                throw .unsupported
            }
        } else {
            groupCount += 1
            number = groupCount
        }
        let inner = try alternatives()
        guard take(")") else { throw .malformed }
        return number.map { .group($0, inner) } ?? inner
    }

    // MARK: Quantifiers

    private mutating func quantified(
        _ node: RegexNode,
        groups: Range<Int>
    )
        throws(Regex.Failure) -> RegexNode
    {
        guard let (least, most) = try quantifier() else { return node }
        let isGreedy = !take("?")
        return .loop(node, least: least, most: most, isGreedy: isGreedy, groups: groups)
    }

    private mutating func quantifier() throws(Regex.Failure) -> (Int, Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        guard current == 0x7B else { return nil }
        // Annex B: a brace that is no quantifier is a character.
        let start = offset
        offset += 1
        if let least = number() {
            if take("}") { return try checked(least, least) }
            if take(",") {
                let most = number()
                if take("}") { return try checked(least, most) }
            }
        }
        offset = start
        return nil
    }

    private func checked(_ least: Int, _ most: Int?) throws(Regex.Failure) -> (Int, Int?) {
        guard least <= Self.repeatCountMax, (most ?? least) <= Self.repeatCountMax,
            least <= most ?? least
        else { throw .malformed }
        return (least, most)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let unit = current, unit &- 0x30 < 10 {
            value = min((value ?? 0) * 10 + Int(unit &- 0x30), Self.repeatCountMax + 1)
            offset += 1
        }
        return value
    }

    // MARK: Escapes and classes

    private mutating func escape() throws(Regex.Failure) -> RegexNode {
        guard let letter = current else { throw .malformed }
        switch letter {
        case 0x62, 0x42:
            offset += 1
            return .wordBoundary(isNegated: letter == 0x42)
        // \1 to \9 and \k refer back to a group.
        case 0x31...0x39, 0x6B: throw .unsupported
        default: break
        }
        if let set = classEscape() { return .set(try add(set)) }
        return .unit(try characterEscape())
    }

    private mutating func classEscape() -> CharacterSet? {
        let set: CharacterSet? =
            switch current.flatMap({ Unicode.Scalar($0) }) {
            case "d": .digits
            case "D": CharacterSet.digits.negated
            case "w": .words
            case "W": CharacterSet.words.negated
            case "s": .spaces
            case "S": CharacterSet.spaces.negated
            default: nil
            }
        if set != nil { offset += 1 }
        return set
    }

    private mutating func characterEscape() throws(Regex.Failure) -> UInt16 {
        guard let letter = current else { throw .malformed }
        offset += 1
        switch Unicode.Scalar(letter) {
        case "n": return 0x0A
        case "r": return 0x0D
        case "t": return 0x09
        case "v": return 0x0B
        case "f": return 0x0C
        case "0": return 0
        case "x": return hexadecimal(2) ?? letter
        case "u": return hexadecimal(4) ?? letter
        case "c":
            guard let control = current, (control | 0x20) &- 0x61 < 26 else { return 0x5C }
            offset += 1
            return control & 0x1F
        default: return letter
        }
    }

    private mutating func hexadecimal(_ digits: Int) -> UInt16? {
        var value: UInt16 = 0
        for distance in 0..<digits {
            guard let unit = unit(distance), let scalar = Unicode.Scalar(unit),
                let digit = Character(scalar).hexDigitValue, unit < 0x80
            else { return nil }
            value = value << 4 | UInt16(digit)
        }
        offset += digits
        return value
    }

    private mutating func characterClass() throws(Regex.Failure) -> CharacterSet {
        var set = CharacterSet()
        if take("^") { set.isNegated = true }
        while !take("]") {
            guard let first = try classAtom(into: &set) else { continue }
            guard current == 0x2D, unit(1) != nil, unit(1) != 0x5D else {
                set.insert(first)
                continue
            }
            offset += 1
            guard let last = try classAtom(into: &set) else {
                // Annex B: in `[a-\d]` the hyphen is a character.
                set.insert(first)
                set.insert(0x2D)
                continue
            }
            guard first <= last else { throw .malformed }
            set.ranges.append(first...last)
        }
        set.sort()
        return set
    }

    /// A single character of a class; nil if it was a class of its own, which is then in the set.
    private mutating func classAtom(
        into set: inout CharacterSet
    ) throws(Regex.Failure)
        -> UInt16?
    {
        guard let unit = current else { throw .malformed }
        offset += 1
        guard unit == 0x5C else { return unit }
        if let inner = classEscape() {
            set.insert(inner)
            return nil
        }
        if take("b") { return 0x08 }
        return try characterEscape()
    }

    private static let depthMax = 64
    private static let repeatCountMax = 1_000
    private static let setCountMax = 1_000
}
