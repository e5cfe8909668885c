import Primitives
import Store
import Testing

@Suite("Indexing the call log")
struct CallIndexerTests {
    private let folder: TemporaryFolder
    private let store: DirectoryStore
    private let writer: CallLogWriter
    private let indexer: CallIndexer
    private let records: CallRecords

    init() throws {
        folder = try TemporaryFolder()
        store = try DirectoryStore(path: folder.file("d.sqlite"), at: Sample.now)
        writer = try CallLogWriter(directory: folder.file("calls"), at: Sample.now)
        indexer = CallIndexer(database: store.database, directory: folder.file("calls"))
        records = CallRecords(store.database)
    }

    private func append(_ lines: String...) {
        let bytes = Array(lines.map { $0 + "\n" }.joined().utf8)
        writer.append(lines: bytes.span, at: Sample.now)
    }

    /// A record as the gateway writes it; `number` makes id, time and numbers.
    private func record(_ number: Int, _ more: String = "") -> String {
        let digits = String(number + 1_000)
        return #"{"id":"000000000000\#(digits)","time":"2026-11-21T07:00:00.\#(digits)00Z","#
            + #""door":"sip","number":"+1415555\#(digits)","call_id":"call\#(number)","#
            + #""outcome":"answered"\#(more)}"#
    }

    @Test("every field of a line is found again")
    func storesEveryField() throws {
        append(
            #"{"id":"0123456789abcdef","time":"2026-11-21T07:05:09.123456Z","door":"sip","#
                + #""organization":"acme","number":"+14155550100","dialled":"4155550100","#
                + #""from":"anonymous","trunk":"carrier","credential":"main","call_id":"a\"b@\u00e9","#
                + #""source":"203.0.113.9:5060","transport":"udp","rule":"workflow","agent":"sales","#
                + #""version":3,"targets":["sip:a@b","tel:+1"],"outcome":"refused","#
                + #""reason":"no_agent","status":480,"micros":12,"explain":{"steps":[1,{"a":"}"}]},"#
                + #""future":true}"#
        )
        #expect(try indexer.catchUp() == 1)
        var expected = CallRecordRow(
            id: "0123456789abcdef",
            time: try #require(WallTime(rfc3339: "2026-11-21T07:05:09.123456Z")),
            door: "sip",
            outcome: "refused"
        )
        expected.organization = "acme"
        expected.number = "+14155550100"
        expected.dialled = "4155550100"
        expected.caller = "anonymous"
        expected.trunk = "carrier"
        expected.credential = "main"
        expected.callID = "a\"b@é"
        expected.source = "203.0.113.9:5060"
        expected.transport = "udp"
        expected.rule = "workflow"
        expected.agent = "sales"
        expected.agentVersion = 3
        expected.targets = #"["sip:a@b","tel:+1"]"#
        expected.reason = "no_agent"
        expected.status = 480
        expected.microseconds = 12
        expected.explanation = #"{"steps":[1,{"a":"}"}]}"#
        #expect(try records.records(matching: CallQuery()) == [expected])
    }

    @Test("every step of a call is a record of its own, found by the id of the call")
    func storesSteps() throws {
        append(
            record(1),
            record(1, #","step":1,"left_out":["context","targets"],"label":"vip""#),
            record(1, #","step":2"#),
            record(1, #","step":1,"agent":"other""#),
            record(2)
        )
        #expect(try indexer.catchUp() == 4)
        var query = CallQuery()
        query.call = "0000000000001001"
        let rows = try records.records(matching: query)
        #expect(rows.map(\.step) == [2, 1, 0])
        #expect(rows.map(\.label) == [nil, "vip", nil])
        #expect(rows.map(\.leftOut) == [nil, #"["context","targets"]"#, nil])
        #expect(rows.map(\.agent) == [nil, nil, nil])
        query.after = CallRecordRow.Key(id: "0000000000001001", step: 1)
        #expect(try records.records(matching: query).map(\.step) == [2])
    }

    @Test("what a carrier says later is kept with the last step of the call")
    func storesEventsOfSteps() throws {
        let event = #"{"id":"0000000000001001","event":"status","status":"completed","duration":7}"#
        append(record(1), record(1, #","step":1"#), event)
        try indexer.catchUp()
        let rows = try records.records(matching: CallQuery())
        #expect(rows.map(\.callStatus) == ["completed", nil])
        #expect(try records.events(of: "0000000000001001") == [event])
        _ = try records.remove(before: .init(microseconds: .max))
        #expect(try records.events(of: "0000000000001001") == [])
    }

    @Test("only id, time, door and outcome must be there")
    func storesShortLines() throws {
        append(
            #"{"id":"0123456789abcdef","time":"2026-11-21T07:05:09Z","door":"twilio","outcome":"answered"}"#
        )
        #expect(try indexer.catchUp() == 1)
        #expect(try records.records(matching: CallQuery()).first?.callID == nil)
    }

    @Test(
        "what is no record is counted and passed over",
        arguments: [
            "", "not json", "{", "{}", "[]", #"{"id":"0123456789abcdef"}"#,
            #"{"id":"xyz","time":"2026-11-21T07:05:09Z","door":"sip","outcome":"answered"}"#,
            #"{"id":"0123456789abcdef","time":"yesterday","door":"sip","outcome":"answered"}"#,
            #"{"id":"0123456789abcdef","time":"2026-11-21T07:05:09Z","door":5,"outcome":"answered"}"#,
            #"{"id":"0123456789abcdef","time":"2026-11-21T07:05:09Z","door":"sip","outcome":"x"} {"#,
            #"{"a":[[[}"#, #"{"a":"\ud800"}"#, #"{"a":1e}"#, #"{"a":"b" "c"}"#,
        ]
    )
    func passesOverGarbage(line: String) throws {
        append(line, record(1))
        #expect(try indexer.catchUp() == 1)
        #expect(indexer.counters.malformedLines == (line.isEmpty ? 0 : 1))
    }

    @Test("deep nesting and a line longer than any record do not stop the index")
    func boundsLines() throws {
        append(#"{"a":"# + String(repeating: "[", count: 100_000), record(1))
        append(#"{"a":""# + String(repeating: "x", count: 600_000) + "\"}", record(2))
        #expect(try indexer.catchUp() == 2)
        #expect(try records.records(matching: CallQuery()).count == 2)
    }

    @Test("a line that is still being written waits for its end")
    func waitsForLineEnd() throws {
        append(record(1))
        let name = try #require(try CallLogFile.all(in: folder.file("calls")).first?.name)
        let line = record(2)
        try folder.append(String(line.prefix(40)), to: "calls/\(name)")
        #expect(try indexer.catchUp() == 1)
        try folder.append(line.dropFirst(40) + "\n", to: "calls/\(name)")
        #expect(try indexer.catchUp() == 1)
        #expect(indexer.counters.malformedLines == 0)
    }

    @Test("a later indexer goes on where the first stopped")
    func resumes() throws {
        append(record(1), record(2))
        #expect(try indexer.catchUp() == 2)
        append(record(3))
        let next = CallIndexer(database: store.database, directory: folder.file("calls"))
        #expect(try next.catchUp() == 1)
        #expect(next.counters.records == 1)
    }

    @Test("lines that are read again are stored once")
    func storesOnce() throws {
        append(record(1), record(2, #","organization":"acme""#))
        try indexer.catchUp()
        try store.database.run("UPDATE call_log_position SET offset = 0")
        append(record(3))
        #expect(try indexer.catchUp() == 1)
        #expect(try records.records(matching: CallQuery()).count == 3)
    }

    @Test("the index follows the log over new files and finished ones")
    func followsRotation() throws {
        for number in 0..<10 {
            append(record(number))
            if number % 3 == 0 { writer.rotate(at: Sample.now) }
            if number % 4 == 0 { try indexer.catchUp() }
        }
        try indexer.catchUp()
        #expect(try records.records(matching: CallQuery()).count == 10)
        #expect(indexer.counters.malformedLines == 0)
        #expect(indexer.counters.gaps == 0)
    }

    @Test("files that went before they were read are a gap, which is counted")
    func survivesRemovedFiles() throws {
        append(record(1))
        try indexer.catchUp()
        append(record(2))
        writer.rotate(at: Sample.now)
        append(record(3))
        let first = try #require(try CallLogFile.all(in: folder.file("calls")).first?.name)
        try folder.remove("calls/\(first)")
        #expect(try indexer.catchUp() == 1)
        #expect(indexer.counters.gaps == 1)
        #expect(indexer.counters.filesMissed == 1)
        let ids = try records.records(matching: CallQuery()).map(\.callID)
        #expect(ids == ["call3", "call1"])
        let second = try #require(try CallLogFile.all(in: folder.file("calls")).first?.name)
        let gap = try #require(indexer.lastGap)
        #expect(gap.firstName == first)
        #expect(gap.readBytes == record(1).utf8.count + 1)
        #expect(gap.nextName == second)
        #expect(gap.fileCount == 1)
    }

    @Test("a gap counts once, with all its files, however long the next line takes to come")
    func countsGapOnce() throws {
        append(record(1))
        try indexer.catchUp()
        for number in 2..<5 {
            append(record(number))
            writer.rotate(at: Sample.now)
        }
        for file in try CallLogFile.all(in: folder.file("calls")).dropLast() {
            try folder.remove("calls/\(file.name)")
        }
        for _ in 0..<5 { #expect(try indexer.catchUp() == 0) }
        #expect(indexer.counters.gaps == 1)
        #expect(indexer.counters.filesMissed == 3)
        append(record(5))
        #expect(try indexer.catchUp() == 1)
        #expect(indexer.counters.gaps == 1)
    }

    @Test("a log that begins anew, with lower numbers, is followed from its beginning")
    func followsNewLog() throws {
        for number in 0..<3 {
            append(record(number))
            writer.rotate(at: Sample.now)
        }
        append(record(3))
        try indexer.catchUp()
        for file in try CallLogFile.all(in: folder.file("calls")) {
            try folder.remove("calls/\(file.name)")
        }
        let name = "calls-00000001-20261121T070509Z.jsonl"
        try folder.write(Array("\(record(7))\n".utf8), to: "calls/\(name)")
        #expect(try indexer.catchUp() == 1)
        #expect(try indexer.catchUp() == 0)
        #expect(indexer.counters.gaps == 1)
        #expect(try records.records(matching: CallQuery()).count == 5)
    }

    @Test("the lag is what the log has beyond the last line that was indexed, in bytes")
    func tellsLag() throws {
        #expect(try indexer.lagBytes() == 0)
        append(record(1))
        #expect(try indexer.lagBytes() == record(1).utf8.count + 1)
        try indexer.catchUp()
        #expect(try indexer.lagBytes() == 0)
        append(record(2))
        writer.rotate(at: Sample.now)
        append(record(3), record(4))
        #expect(try indexer.lagBytes() == 3 * (record(2).utf8.count + 1))
        try indexer.catchUp()
        #expect(try indexer.lagBytes() == 0)
    }

    @Test("what a carrier says later is kept with the call, and the last word stands in its row")
    func storesEvents() throws {
        let ringing =
            #"{"id":"00000000000000e1","call_id":"call1","event":"status","status":"ringing"}"#
        let completed =
            #"{"id":"00000000000000e2","call_id":"call1","event":"status","status":"completed","duration":12}"#
        append(record(1), record(2), ringing, completed, completed)
        append(#"{"id":"00000000000000e3","call_id":"stranger","event":"status","status":"busy"}"#)
        try indexer.catchUp()
        #expect(indexer.counters.events == 2)
        #expect(indexer.counters.unmatchedEvents == 1)
        let rows = try records.records(matching: CallQuery())
        #expect(rows.map(\.callStatus) == [nil, "completed"])
        #expect(rows.map(\.callDuration) == [nil, 12])
        #expect(try records.events(of: "0000000000001001") == [ringing, completed])
    }

    @Test("an event with the id of its record is kept too")
    func storesEventsByRecordID() throws {
        append(record(1))
        append(#"{"id":"0000000000001001","event":"status","status":"no-answer"}"#)
        try indexer.catchUp()
        #expect(try records.records(matching: CallQuery()).first?.callStatus == "no-answer")
    }

    @Test("a batch that cannot be stored is stored whole the next time")
    func repeatsFailedBatch() throws {
        append(record(1), record(2))
        let blocked = try Database(
            path: store.database.path,
            creating: false,
            busyMilliseconds: 0
        )
        let second = CallIndexer(database: blocked, directory: folder.file("calls"))
        try store.database.writing {
            #expect(throws: StoreError.self) { try second.catchUp() }
        }
        #expect(second.counters.records == 0)
        #expect(try second.catchUp() == 2)
    }

    @Test("an event that the log has before its call is kept with the call, by any process")
    func storesEarlyEvents() throws {
        let early = #"{"id":"0000000000001001","event":"status","status":"ringing"}"#
        let byCallID =
            #"{"id":"00000000000000e2","call_id":"call1","event":"status","status":"busy"}"#
        append(early, byCallID)
        let other = CallIndexer(database: store.database, directory: folder.file("calls"))
        try other.catchUp()
        #expect(other.counters.unmatchedEvents == 2)
        append(record(2), record(1))
        try indexer.catchUp()
        #expect(indexer.counters.events == 2)
        #expect(try records.events(of: "0000000000001001") == [early, byCallID])
        #expect(try records.records(matching: CallQuery()).map(\.callStatus) == [nil, "busy"])
        #expect(try waitingCount() == 0)
    }

    @Test("of events whose call never comes the newest few thousand wait")
    func boundsWaitingEvents() throws {
        for number in 0..<4_200 {
            let id = String(number + 1_000_000)
            append(#"{"id":"000000000\#(id)","event":"status","status":"busy"}"#)
        }
        try indexer.catchUp()
        #expect(try waitingCount() == 4_096)
    }

    private func waitingCount() throws -> Int64? {
        try store.database.prepare("SELECT count(*) FROM waiting_call_events").first {
            $0.integer(0)
        }
    }

    @Test("an INVITE that was forked to two of our numbers has two records, read once or twice")
    func storesForkedCalls() throws {
        func fork(_ dialled: Int, _ second: Int, _ step: Int = 0) -> String {
            #"{"id":"00000000000000aa","time":"2026-11-21T07:00:0\#(second).000000Z","door":"sip","#
                + #""step":\#(step),"dialled":"\#(dialled)","outcome":"answered"}"#
        }
        for _ in 0..<2 {
            append(fork(1, 0), fork(2, 1), fork(1, 2, 1), fork(1, 3))
            try indexer.catchUp()
        }
        let rows = try records.records(matching: CallQuery()).reversed()
        #expect(rows.map(\.step) == [0, 1, 2])
        #expect(rows.map(\.dialled) == ["1", "2", "1"])
    }

    @Test("records go with the last file that rotation takes of them, a bounded number at once")
    func forgetsWithLog() throws {
        let directory = folder.file("rotating")
        let limits = CallLogWriter.Limits(filesKept: 2)
        let begin = try #require(WallTime(rfc3339: "2026-11-21T07:00:00Z"))
        func time(_ minutes: Int64) -> WallTime { WallTime(seconds: begin.seconds + minutes * 60) }
        let writer = try CallLogWriter(directory: directory, limits: limits, at: begin)
        let indexer = CallIndexer(database: store.database, directory: directory)
        func forget() throws -> Int {
            var turns = 1
            while try indexer.forget(removedThrough: writer.removedThrough, limit: 2) { turns += 1 }
            return turns
        }
        for number in 0..<4 {
            let lines = Array("\(record(number))\n".utf8)
            writer.append(lines: lines.span, at: time(0))
        }
        writer.rotate(at: time(5))
        try indexer.catchUp()
        #expect(try forget() == 1)
        #expect(try records.records(matching: CallQuery()).count == 4)
        writer.rotate(at: time(10))
        #expect(writer.removedThrough == 1)
        // Nobody but rotation has a say in it.
        #expect(try !indexer.forget(removedThrough: 0))
        #expect(try forget() == 3)
        #expect(try records.records(matching: CallQuery()).isEmpty)
        #expect(try forget() == 1)
    }
}
