import Primitives
import Store
import Testing

@Suite("Asking for call records")
struct CallQueryTests {
    private let folder: TemporaryFolder
    private let records: CallRecords
    private let store: DirectoryStore

    /// Records 0…9, a minute apart; odd ones refused, every third of another organization.
    init() throws {
        folder = try TemporaryFolder()
        store = try DirectoryStore(path: folder.file("d.sqlite"), at: Sample.now)
        let writer = try CallLogWriter(directory: folder.file("calls"), at: Sample.now)
        for number in 0..<10 {
            let refused = #""refused","reason":"\#(number % 4 == 1 ? "no_agent" : "suspended")""#
            let line =
                #"{"id":"000000000000000\#(number)","time":"2026-11-21T07:0\#(number):00Z","#
                + #""door":"sip","organization":"\#(number % 3 == 0 ? "zeta" : "acme")","#
                + (number == 5
                    ? #""dialled":"5550100","# : #""number":"+1415555010\#(number % 2)","#)
                + #""from":"+1212555000\#(number % 5)","#
                + #""outcome":\#(number % 2 == 1 ? refused : "\"answered\"")}"# + "\n"
            let bytes = Array(line.utf8)
            writer.append(lines: bytes.span, at: Sample.now)
        }
        try CallIndexer(database: store.database, directory: folder.file("calls")).catchUp()
        records = CallRecords(store.database)
    }

    /// The last digits of the ids that a query finds.
    private func found(_ change: (inout CallQuery) -> Void) throws -> String {
        var query = CallQuery()
        change(&query)
        return try records.records(matching: query).map { String($0.id.suffix(1)) }.joined()
    }

    @Test("records come newest first, and only as many as asked for")
    func ordersRecords() throws {
        #expect(try found { _ in } == "9876543210")
        #expect(try found { $0.limit = 3 } == "987")
        #expect(try found { $0.limit = -5 } == "9")
    }

    @Test("each condition narrows the answer, and all together hold")
    func filtersRecords() throws {
        #expect(try found { $0.to = "+14155550100" } == "86420")
        #expect(try found { $0.to = "5550100" } == "5")
        #expect(try found { $0.from = "+12125550003" } == "83")
        #expect(try found { $0.reason = "no_agent" } == "951")
        #expect(try found { $0.organization = "zeta" } == "9630")
        #expect(try found { $0.since = WallTime(rfc3339: "2026-11-21T07:07:00Z") } == "987")
        #expect(try found { $0.until = WallTime(rfc3339: "2026-11-21T07:02:00Z") } == "10")
        #expect(
            try found {
                $0.organization = "acme"
                $0.reason = "suspended"
                $0.since = WallTime(rfc3339: "2026-11-21T07:04:00Z")
            } == "7"
        )
        #expect(try found { $0.to = "' OR 1=1 --" } == "")
        #expect(try found { $0.call = "0000000000000004" } == "4")
        #expect(try found { $0.call = "0" } == "")
    }

    @Test("whoever follows gets what was stored after the last one, oldest first")
    func followsRecords() throws {
        #expect(try found { $0.after = CallRecordRow.Key(id: "0000000000000006") } == "789")
        #expect(try found { $0.after = CallRecordRow.Key(id: "0000000000000009") } == "")
        let time = try #require(WallTime(rfc3339: "2026-11-21T07:05:00Z"))
        #expect(try records.remove(before: time) == 5)
        #expect(try found { $0.after = CallRecordRow.Key(id: "0000000000000002") } == "56789")
    }

    @Test("old records are removed, a bounded number at once")
    func removesOldRecords() throws {
        let time = try #require(WallTime(rfc3339: "2026-11-21T07:05:00Z"))
        #expect(try records.remove(before: time, limit: 3) == 3)
        #expect(try records.remove(before: time, limit: 3) == 2)
        #expect(try records.remove(before: time, limit: 3) == 0)
        #expect(try found { _ in } == "98765")
    }

    @Test("queries by number, caller, organization and reason use an index")
    func usesIndexes() throws {
        for sql: SQL in [
            "EXPLAIN QUERY PLAN SELECT 1 FROM call_records WHERE called = 'x' ORDER BY time DESC",
            "EXPLAIN QUERY PLAN SELECT 1 FROM call_records WHERE id = 'x' ORDER BY step",
            "EXPLAIN QUERY PLAN SELECT 1 FROM call_records WHERE caller = 'x' ORDER BY time DESC",
            "EXPLAIN QUERY PLAN SELECT 1 FROM call_records WHERE reason = 'x' ORDER BY time DESC",
            "EXPLAIN QUERY PLAN SELECT 1 FROM call_records WHERE organization_id = 'x' ORDER BY time",
            "EXPLAIN QUERY PLAN SELECT 1 FROM call_records WHERE time >= 5 ORDER BY time DESC",
        ] {
            var plan: [String] = []
            try store.database.prepare(sql).forEach { plan.append($0.text(3)) }
            #expect(plan.count == 1 && plan[0].contains("USING"), "\(plan)")
        }
    }
}
