/// A text that is searched.
struct RegexSubject: Sendable {
    let units: [UInt16]

    init(_ text: String) {
        units = Array(text.utf16)
    }
}

/// Runs a regular expression over a text: at each code unit, all states it can be in.
struct RegexMachine {
    /// Visits of instructions so far, and what they copied: at most the code units times the
    /// instructions times the groups.
    private(set) var stepCount = 0
    /// Beyond these a search stops.
    private let stepCountMax: Int
    private let regex: Regex
    /// Steps that the copy of a thread's captures counts for.
    private let copyStepCount: Int
    private var current = States()
    private var next = States()
    /// The instructions that `follow` has still to go to.
    private var pending: [(instruction: Int, captures: [Int32])] = []

    struct Match {
        var range: Range<Int>
        /// nil for a group that took no part.
        var groups: [Range<Int>?]
    }

    /// States in the order of preference, each instruction at most once.
    private struct States {
        var threads: [(instruction: Int, captures: [Int32])] = []
        var seen: [Bool] = []
        private var visited: [Int] = []

        /// False if the instruction was visited before.
        mutating func visit(_ instruction: Int) -> Bool {
            guard !seen[instruction] else { return false }
            seen[instruction] = true
            visited.append(instruction)
            return true
        }

        mutating func removeAll() {
            for instruction in visited { seen[instruction] = false }
            visited.removeAll(keepingCapacity: true)
            threads.removeAll(keepingCapacity: true)
        }
    }

    init(_ regex: Regex, stepCountMax: Int) {
        self.regex = regex
        self.stepCountMax = stepCountMax
        copyStepCount = 2 * (regex.groupCount + 1) / Self.capturesPerStep
        current.seen = [Bool](repeating: false, count: regex.instructions.count)
        next.seen = current.seen
    }

    /// The leftmost match that starts at `offset` or later; nil as well where `stepCount` has come to
    /// more than it may.
    mutating func firstMatch(in subject: RegexSubject, from offset: Int) -> Match? {
        let units = subject.units
        guard offset >= 0, offset <= units.count else { return nil }
        let blank = [Int32](repeating: -1, count: 2 * (regex.groupCount + 1))
        var found: [Int32]?
        var position = offset
        current.removeAll()
        while stepCount <= stepCountMax {
            if found == nil {
                stepCount &+= copyStepCount
                var captures = blank
                captures[0] = Int32(truncatingIfNeeded: position)
                var states = current
                current = States()
                follow(0, captures, at: position, units, into: &states)
                current = states
            }
            if found != nil, current.threads.isEmpty { break }
            next.removeAll()
            advance(at: position, units, &found)
            swap(&current, &next)
            guard position < units.count else { break }
            position += 1
        }
        return stepCount <= stepCountMax ? found.map(match) : nil
    }

    /// Lets every state take the code unit at `position`; states below a match are given up.
    private mutating func advance(at position: Int, _ units: [UInt16], _ found: inout [Int32]?) {
        let ignoresCase = regex.isCaseInsensitive
        let unit =
            position < units.count
            ? CasedUnit(units[position], ignoringCase: ignoresCase) : nil
        var target = next
        next = States()
        defer { next = target }
        for thread in current.threads {
            stepCount &+= 1
            guard stepCount <= stepCountMax else { return }
            if case .match = regex.instructions[thread.instruction] {
                var captures = thread.captures
                captures[1] = Int32(truncatingIfNeeded: position)
                found = captures
                return
            }
            if let unit, takes(unit, regex.instructions[thread.instruction]) {
                follow(
                    thread.instruction + 1,
                    thread.captures,
                    at: position + 1,
                    units,
                    into: &target
                )
            }
        }
    }

    private func takes(_ unit: CasedUnit, _ instruction: Regex.Instruction) -> Bool {
        switch instruction {
        case .unit(let wanted):
            return unit.unit == wanted || unit.folded == wanted
        case .any: return !Self.isLineTerminator(unit.unit)
        case .set(let index): return regex.sets[index].contains(unit)
        default: return false
        }
    }

    /// Goes through everything that takes no code unit, up to the states that do.
    private mutating func follow(
        _ start: Int,
        _ captures: [Int32],
        at position: Int,
        _ units: [UInt16],
        into states: inout States
    ) {
        pending.removeAll(keepingCapacity: true)
        pending.append((start, captures))
        while let (instruction, saved) = pending.popLast() {
            var captures = saved
            stepCount &+= 1
            guard stepCount <= stepCountMax else { return }
            guard states.visit(instruction) else { continue }
            switch regex.instructions[instruction] {
            case .jump(let target): pending.append((target, captures))
            case .split(let first, let second):
                pending.append((second, captures))
                pending.append((first, captures))
            case .save(let slot):
                stepCount &+= copyStepCount
                captures[slot] = Int32(truncatingIfNeeded: position)
                pending.append((instruction + 1, captures))
            case .forget(let groups):
                stepCount &+= copyStepCount
                for group in groups {
                    captures[2 * group] = -1
                    captures[2 * group + 1] = -1
                }
                pending.append((instruction + 1, captures))
            case .lineStart, .lineEnd, .wordBoundary:
                if holds(regex.instructions[instruction], at: position, units) {
                    pending.append((instruction + 1, captures))
                }
            case .unit, .any, .set, .match: states.threads.append((instruction, captures))
            }
        }
    }

    private func holds(_ assertion: Regex.Instruction, at position: Int, _ units: [UInt16]) -> Bool
    {
        switch assertion {
        case .lineStart:
            return position == 0
                || regex.isMultiline && Self.isLineTerminator(units[position - 1])
        case .lineEnd:
            return position == units.count
                || regex.isMultiline && Self.isLineTerminator(units[position])
        case .wordBoundary(let isNegated):
            let before = position > 0 && Self.isWord(units[position - 1])
            let after = position < units.count && Self.isWord(units[position])
            return (before != after) != isNegated
        default: return false
        }
    }

    private func match(_ captures: [Int32]) -> Match {
        var groups: [Range<Int>?] = []
        for group in 0...regex.groupCount {
            let start = Int(captures[2 * group])
            let end = Int(captures[2 * group + 1])
            groups.append(start >= 0 && end >= start ? start..<end : nil)
        }
        return Match(range: (groups[0] ?? 0..<0), groups: Array(groups.dropFirst()))
    }

    private static func isWord(_ unit: UInt16) -> Bool {
        CharacterSet.words.contains(CasedUnit(unit, ignoringCase: false))
    }

    private static func isLineTerminator(_ unit: UInt16) -> Bool {
        unit == 0x0A || unit == 0x0D || unit == 0x2028 || unit == 0x2029
    }

    /// A cache line of them.
    private static let capturesPerStep = 16
}
