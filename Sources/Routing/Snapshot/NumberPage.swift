/// Some dozens of numbers: an open-addressed table, and the texts of those that have any.
///
/// A page is what a change of one number copies.
struct NumberPage: Sendable {
    /// At most three quarters are taken, so that every search meets an empty slot.
    private(set) var slots: [NumberEntry?]
    /// `slots.count`, kept here so that a search knows its slot before it has touched them.
    private var slotCount: UInt32
    private var count: UInt32 = 0
    /// For each number with details two texts, each a length and its bytes.
    private var texts: [UInt8] = []
    /// By the place where their number's texts begin.
    private var dispatchTemplates: [UInt32: DispatchTemplate] = [:]

    init(expecting count: Int) {
        let slotCount = Self.slotCount(holding: count)
        slots = Array(repeating: nil, count: slotCount)
        self.slotCount = UInt32(truncatingIfNeeded: slotCount)
    }

    func entry(_ number: PhoneNumber, hash: UInt64) -> NumberEntry? {
        var index = home(of: hash)
        while let entry = slots[index] {
            if entry.number == number { return entry }
            index = next(index)
        }
        return nil
    }

    func details(of entry: NumberEntry) -> NumberDetails {
        guard entry.details != NumberEntry.none else { return NumberDetails() }
        var position = Int(entry.details)
        let label = text(at: &position)
        let metadata = text(at: &position)
        return NumberDetails(
            label: label,
            metadata: metadata,
            dispatchTemplate: dispatchTemplate(of: entry)
        )
    }

    func dispatchTemplate(of entry: NumberEntry) -> DispatchTemplate? {
        dispatchTemplates[entry.details]
    }

    /// Puts the entry in, in place of the one with its number; true when there was none.
    mutating func update(
        _ entry: NumberEntry,
        details: NumberDetails,
        hash: UInt64,
        hashing: NumberHash
    ) -> Bool {
        var entry = entry
        var index = home(of: hash)
        while let found = slots[index] {
            if found.number == entry.number {
                // Texts are never changed in place: those of the old entry would stay for ever.
                if found.details != NumberEntry.none {
                    self = without(entry.number, hashing: hashing)
                    return !update(entry, details: details, hash: hash, hashing: hashing)
                }
                store(details, of: &entry)
                slots[index] = entry
                return false
            }
            index = next(index)
        }
        guard (count + 1) * 4 <= slotCount * 3 else {
            grow(to: Int(count + 1 + count / 4), hashing: hashing)
            return update(entry, details: details, hash: hash, hashing: hashing)
        }
        store(details, of: &entry)
        slots[index] = entry
        count += 1
        return true
    }

    /// The page without one number, its slots and texts packed anew.
    func without(_ number: PhoneNumber, hashing: NumberHash) -> NumberPage {
        var page = NumberPage(expecting: Int(count))
        for case let entry? in slots where entry.number != number {
            _ = page.update(
                entry,
                details: details(of: entry),
                hash: hashing(entry.number),
                hashing: hashing
            )
        }
        return page
    }

    private mutating func grow(to capacity: Int, hashing: NumberHash) {
        var grown = NumberPage(expecting: capacity)
        for case let entry? in slots {
            var index = grown.home(of: hashing(entry.number))
            while grown.slots[index] != nil { index = grown.next(index) }
            grown.slots[index] = entry
        }
        slots = grown.slots
        slotCount = grown.slotCount
    }

    /// The low 32 bits of the hash, scaled to the slots; the high ones have chosen the page.
    private func home(of hash: UInt64) -> Int {
        Int(truncatingIfNeeded: (hash & 0xFFFF_FFFF) &* UInt64(slotCount) &>> 32)
    }

    private func next(_ index: Int) -> Int {
        index &+ 1 < Int(slotCount) ? index &+ 1 : 0
    }

    private static func slotCount(holding count: Int) -> Int {
        max(4, (count * 4 + 2) / 3 + 1)
    }
}

extension NumberPage {
    /// Appends the texts and notes at `entry` where they begin.
    private mutating func store(_ details: NumberDetails, of entry: inout NumberEntry) {
        entry.details = NumberEntry.none
        entry.hasDispatchTemplate = false
        guard !details.isEmpty, texts.count < Int(NumberEntry.none) else { return }
        entry.details = UInt32(truncatingIfNeeded: texts.count)
        entry.hasDispatchTemplate = details.dispatchTemplate != nil
        dispatchTemplates[entry.details] = details.dispatchTemplate
        store(details.label)
        store(details.metadata)
    }

    /// The length in groups of seven bits, the lowest first, then the bytes.
    private mutating func store(_ text: String) {
        var rest = text.utf8.count
        while rest >= 0x80 {
            texts.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        texts.append(UInt8(truncatingIfNeeded: rest))
        texts.append(contentsOf: text.utf8)
    }

    private func text(at position: inout Int) -> String {
        var length = 0
        var shift = 0
        while position < texts.count {
            let byte = texts[position]
            position += 1
            length |= Int(byte & 0x7F) << shift
            shift += 7
            if byte < 0x80 { break }
        }
        let end = min(position + length, texts.count)
        defer { position = end }
        return String(decoding: texts[position..<end], as: UTF8.self)
    }
}
