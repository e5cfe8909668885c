/// A regular expression in JavaScript's syntax, without the parts that need backtracking.
///
/// It is matched by following all alternatives at once (Thompson 1968, Pike), so that the time grows
/// with the length of the text times the length of the expression, whatever they are. It works on
/// UTF-16 code units, as JavaScript does without the `u` flag.
struct Regex: Sendable {
    /// The program; it starts at 0 and ends with `.match`.
    private(set) var instructions: [Instruction] = []
    private(set) var sets: [CharacterSet] = []
    let groupCount: Int
    let isCaseInsensitive: Bool
    let isMultiline: Bool
    /// Nodes compiled so far, each as often as it is repeated.
    private var compiledCount = 0

    enum Instruction: Sendable {
        case unit(UInt16)
        /// Everything but line terminators.
        case any
        case set(Int)
        case jump(Int)
        /// Goes on at both places; the first one is preferred.
        case split(Int, Int)
        /// Keeps the offset: 2n where group n starts, 2n + 1 where it ends.
        case save(Int)
        /// Forgets the groups of a range, at the start of each turn of a loop.
        case forget(Range<Int>)
        case lineStart
        case lineEnd
        case wordBoundary(isNegated: Bool)
        case match
    }

    enum Failure: Error {
        case malformed
        /// A back reference, lookahead or lookbehind.
        case unsupported
    }

    init(_ pattern: String, isCaseInsensitive: Bool, isMultiline: Bool) throws(Failure) {
        var parser = RegexParser(pattern)
        let node = try parser.parse()
        groupCount = parser.groupCount
        self.isCaseInsensitive = isCaseInsensitive
        self.isMultiline = isMultiline
        sets = parser.sets
        try compile(node)
        instructions.append(.match)
    }

    private mutating func emit(_ instruction: Instruction) throws(Failure) {
        guard instructions.count < Self.instructionCountMax else { throw .malformed }
        instructions.append(instruction)
    }

    private mutating func compile(_ node: RegexNode) throws(Failure) {
        // A repeated group may hold nothing, so that instructions alone do not bound the work.
        compiledCount += 1
        guard compiledCount <= 4 * Self.instructionCountMax else { throw .malformed }
        switch node {
        case .empty: break
        case .unit(let unit):
            try emit(.unit(isCaseInsensitive ? CharacterSet.folded(unit) : unit))
        case .any: try emit(.any)
        case .set(let index): try emit(.set(index))
        case .lineStart: try emit(.lineStart)
        case .lineEnd: try emit(.lineEnd)
        case .wordBoundary(let isNegated): try emit(.wordBoundary(isNegated: isNegated))
        case .sequence(let nodes):
            for node in nodes { try compile(node) }
        case .group(let number, let inner):
            try emit(.save(2 * number))
            try compile(inner)
            try emit(.save(2 * number + 1))
        case .alternatives(let nodes): try compile(alternatives: nodes)
        case .loop(let inner, let least, let most, let isGreedy, let groups):
            for _ in 0..<least { try compile(turn: inner, groups) }
            if let most {
                try compile(inner, upTo: most - least, isGreedy, groups)
            } else {
                try compile(star: inner, isGreedy, groups)
            }
        }
    }

    private mutating func compile(alternatives nodes: [RegexNode]) throws(Failure) {
        var jumps: [Int] = []
        for (index, node) in nodes.enumerated() {
            guard index < nodes.count - 1 else {
                try compile(node)
                break
            }
            let split = instructions.count
            try emit(.match)
            try compile(node)
            jumps.append(instructions.count)
            try emit(.match)
            instructions[split] = .split(split + 1, instructions.count)
        }
        for jump in jumps { instructions[jump] = .jump(instructions.count) }
    }

    private mutating func compile(turn node: RegexNode, _ groups: Range<Int>) throws(Failure) {
        if !groups.isEmpty { try emit(.forget(groups)) }
        try compile(node)
    }

    private mutating func compile(
        star node: RegexNode,
        _ isGreedy: Bool,
        _ groups: Range<Int>
    )
        throws(Failure)
    {
        let split = instructions.count
        try emit(.match)
        try compile(turn: node, groups)
        try emit(.jump(split))
        let end = instructions.count
        instructions[split] = isGreedy ? .split(split + 1, end) : .split(end, split + 1)
    }

    private mutating func compile(
        _ node: RegexNode,
        upTo count: Int,
        _ isGreedy: Bool,
        _ groups: Range<Int>
    ) throws(Failure) {
        var splits: [Int] = []
        for _ in 0..<count {
            splits.append(instructions.count)
            try emit(.match)
            try compile(turn: node, groups)
        }
        let end = instructions.count
        for split in splits {
            instructions[split] = isGreedy ? .split(split + 1, end) : .split(end, split + 1)
        }
    }

    /// Each step of a match costs up to one visit of every instruction.
    private static let instructionCountMax = 4_000
}

/// What a regular expression says.
indirect enum RegexNode {
    case empty
    case unit(UInt16)
    case any
    case set(Int)
    case lineStart
    case lineEnd
    case wordBoundary(isNegated: Bool)
    case sequence([RegexNode])
    case alternatives([RegexNode])
    case group(Int, RegexNode)
    /// `groups` are the numbers of the capturing groups inside.
    case loop(RegexNode, least: Int, most: Int?, isGreedy: Bool, groups: Range<Int>)
}
