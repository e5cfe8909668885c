import Primitives
import Routing
import Testing

private func number(_ digits: UInt64) throws -> PhoneNumber {
    try #require(PhoneNumber(digits: digits))
}

/// Every entry of the table by its number, with its label.
private func contents(of table: NumberTable) -> [PhoneNumber: String] {
    var labels: [PhoneNumber: String] = [:]
    table.forEach { entry, details in labels[entry.number] = "\(entry.agent) \(details.label)" }
    return labels
}

@Suite("The table of numbers")
struct NumberTableTests {
    @Test("an empty table has no number")
    func empty() throws {
        let table = NumberTable()
        #expect(table.count == 0)
        #expect(try table.entry(number(14_155_550_100)) == nil)
        #expect(try table.removing(number(14_155_550_100)).count == 0)
    }

    @Test(
        "numbers that were put in are found again, and their neighbours are not",
        arguments: [
            (0, 1), (0, 100), (1_000, 1_000), (0, 30_000), (40_000, 30_000), (1_000_000, 10),
        ]
    )
    func lookup(expected: Int, count: UInt64) throws {
        var table = NumberTable(expecting: expected, seed: 42)
        for index in 0..<count {
            table.update(
                NumberEntry(
                    number: try number(14_150_000_000 + index * 2),
                    organization: 0,
                    agent: UInt32(index)
                )
            )
        }
        #expect(table.count == Int(count))
        for index in 0..<count {
            #expect(try table.entry(number(14_150_000_000 + index * 2))?.agent == UInt32(index))
            #expect(try table.entry(number(14_150_000_001 + index * 2)) == nil)
        }
    }

    @Test("a table and a dictionary agree after any changes, and older tables keep what they had")
    func changes() throws {
        var random = SeededRandom(seed: 7)
        var table = NumberTable(seed: random.next())
        var model: [PhoneNumber: String] = [:]
        var older: [(table: NumberTable, model: [PhoneNumber: String])] = []
        for step in 0..<10_000 {
            // Few enough numbers that they are replaced and removed again and again.
            let changed = try number(4_420_000_000 + UInt64.random(in: 0..<3_000, using: &random))
            if Int.random(in: 0..<3, using: &random) == 0 {
                table = table.removing(changed)
                model[changed] = nil
            } else {
                let label = Bool.random(using: &random) ? "line \(step)" : ""
                let entry = NumberEntry(
                    number: changed,
                    organization: 1,
                    agent: UInt32(truncatingIfNeeded: step)
                )
                table = table.replacing(entry, details: NumberDetails(label: label))
                model[changed] = "\(step) \(label)"
            }
            if step.isMultiple(of: 2_000) { older.append((table, model)) }
        }
        #expect(contents(of: table) == model)
        #expect(table.count == model.count)
        for (table, model) in older {
            #expect(contents(of: table) == model)
            #expect(table.count == model.count)
        }
    }

    @Test("label, metadata and template of a number come back as they were, of any length")
    func details() throws {
        var table = NumberTable()
        let texts = ["", "Front desk", String(repeating: "x", count: 127), "Grüße 👋"]
        let long = "{\"k\":\"\(String(repeating: "y", count: 20_000))\"}"
        func details(_ text: String) -> NumberDetails {
            NumberDetails(
                label: text,
                metadata: long,
                dispatchTemplate: text.isEmpty ? nil : DispatchTemplate(text)
            )
        }
        for (index, text) in texts.enumerated() {
            table.update(
                NumberEntry(number: try number(4_420_000_000 + UInt64(index)), organization: 0),
                details: details(text)
            )
        }
        table.update(NumberEntry(number: try number(4_430_000_000), organization: 0))
        for (index, text) in texts.enumerated() {
            let entry = try #require(try table.entry(number(4_420_000_000 + UInt64(index))))
            #expect(table.details(of: entry) == details(text))
        }
        let plain = try #require(try table.entry(number(4_430_000_000)))
        #expect(table.details(of: plain).isEmpty)
    }

    @Test("an entry of an older table has the details that its number has in this one")
    func staleEntry() throws {
        let number = try number(4_420_000_000)
        let entry = NumberEntry(number: number, organization: 0)
        let first = NumberTable().replacing(entry, details: NumberDetails(label: "first"))
        let second = first.replacing(entry, details: NumberDetails(label: "second, longer"))
        let stale = try #require(first.entry(number))
        #expect(second.details(of: stale).label == "second, longer")
        #expect(second.removing(number).details(of: stale).isEmpty)
    }

    @Test("an entry takes at most 40 bytes, so that a million fit in the memory promised")
    func size() {
        #expect(MemoryLayout<NumberEntry?>.stride <= 40)
    }
}
