import Foundation
import JSONata
import Primitives
import Routing
import Testing

@Suite("Schedules and time zones")
struct ScheduleTests {
    static func zone(_ name: String) throws -> TimeZoneRules {
        let file = try #require(
            WorkflowBench.zoneFile(name),
            "the time zone database is not installed"
        )
        return try read(file)
    }

    static func read(_ file: [UInt8]) throws -> TimeZoneRules {
        try TimeZoneRules(tzif: file.span)
    }

    static func local(_ zone: TimeZoneRules, _ time: String) throws -> String {
        zone.localTime(at: try #require(WallTime(rfc3339: time))).text
    }

    @Test(
        "local time jumps on the days of change, in both hemispheres and both directions",
        arguments: [
            ("America/New_York", "2026-03-08T06:59:59Z", "2026-03-08T01:59:59-05:00"),
            ("America/New_York", "2026-03-08T07:00:00Z", "2026-03-08T03:00:00-04:00"),
            ("America/New_York", "2026-11-01T05:59:59Z", "2026-11-01T01:59:59-04:00"),
            ("America/New_York", "2026-11-01T06:00:00Z", "2026-11-01T01:00:00-05:00"),
            ("Australia/Sydney", "2026-04-04T15:59:59Z", "2026-04-05T02:59:59+11:00"),
            ("Australia/Sydney", "2026-04-04T16:00:00Z", "2026-04-05T02:00:00+10:00"),
            ("Australia/Sydney", "2026-10-03T15:59:59Z", "2026-10-04T01:59:59+10:00"),
            ("Australia/Sydney", "2026-10-03T16:00:00Z", "2026-10-04T03:00:00+11:00"),
            ("Europe/London", "2026-03-29T00:59:59Z", "2026-03-29T00:59:59+00:00"),
            ("Europe/London", "2026-03-29T01:00:00Z", "2026-03-29T02:00:00+01:00"),
            ("Europe/London", "2026-10-25T01:00:00Z", "2026-10-25T01:00:00+00:00"),
            ("Asia/Kolkata", "2026-06-01T00:00:00Z", "2026-06-01T05:30:00+05:30"),
            // Beyond every table: the rule of the footer goes on.
            ("America/New_York", "2038-01-19T03:14:08Z", "2038-01-18T22:14:08-05:00"),
            ("America/New_York", "2099-07-01T12:00:00Z", "2099-07-01T08:00:00-04:00"),
            ("Australia/Sydney", "2099-01-01T12:00:00Z", "2099-01-01T23:00:00+11:00"),
            ("Australia/Sydney", "2099-07-01T12:00:00Z", "2099-07-01T22:00:00+10:00"),
            // The clock of Dublin stands back in winter: its footer says so with a negative saving.
            ("Europe/Dublin", "2050-07-01T12:00:00Z", "2050-07-01T13:00:00+01:00"),
            ("Europe/Dublin", "2050-01-01T12:00:00Z", "2050-01-01T12:00:00+00:00"),
            // History: the table.
            ("America/New_York", "1987-04-05T07:00:00Z", "1987-04-05T03:00:00-04:00"),
        ]
    )
    func localTime(name: String, time: String, expected: String) throws {
        #expect(try Self.local(try Self.zone(name), time) == expected)
    }

    /// A TZif file of version 2 with no transitions and this footer.
    static func file(footer: String) -> [UInt8] {
        func block(_ version: UInt8) -> [UInt8] {
            var block = Array("TZif".utf8) + [version] + Array(repeating: 0, count: 15)
            // isutcnt, isstdcnt, leapcnt, timecnt, typecnt, charcnt
            for count: UInt8 in [0, 0, 0, 0, 1, 4] { block += [0, 0, 0, count] }
            return block + [0, 0, 0, 0, 0, 0] + Array("UTC".utf8) + [0]
        }
        return block(0x32) + block(0x32) + Array("\n\(footer)\n".utf8)
    }

    @Test(
        "the rule of a footer is POSIX TZ with its extensions",
        arguments: [
            ("EST5", "2026-07-01T12:00:00Z", "2026-07-01T07:00:00-05:00"),
            ("<+0330>-3:30", "2026-07-01T12:00:00Z", "2026-07-01T15:30:00+03:30"),
            ("CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T00:59:59Z", "2026-03-29T01:59:59+01:00"),
            ("CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T01:00:00Z", "2026-03-29T03:00:00+02:00"),
            ("AAA0BBB,J60,J300", "2028-02-29T12:00:00Z", "2028-02-29T12:00:00+00:00"),
            ("AAA0BBB,J60,J300", "2028-03-01T12:00:00Z", "2028-03-01T13:00:00+01:00"),
            ("AAA0BBB,59,300", "2028-02-29T12:00:00Z", "2028-02-29T13:00:00+01:00"),
            // RFC 8536 §3.3.1: daylight-saving time all year.
            ("XXX3EDT4,0/0,J365/23", "2026-01-01T03:00:00Z", "2025-12-31T23:00:00-04:00"),
            ("XXX3EDT4,0/0,J365/23", "2026-07-01T12:00:00Z", "2026-07-01T08:00:00-04:00"),
            ("IST-2IDT,M3.4.4/26,M10.5.0", "2026-03-26T23:59:59Z", "2026-03-27T01:59:59+02:00"),
            ("IST-2IDT,M3.4.4/26,M10.5.0", "2026-03-27T00:00:00Z", "2026-03-27T03:00:00+03:00"),
        ]
    )
    func footers(footer: String, time: String, expected: String) throws {
        let zone = try Self.read(Self.file(footer: footer))
        #expect(try Self.local(zone, time) == expected)
    }

    @Test(
        "a footer that is no rule is refused",
        arguments: ["X", "EST", "EST5EDT", "EST5EDT,M13.1.0,M1.1.0", "EST5 ", "<A5", "EST99"]
    )
    func badFooters(footer: String) {
        #expect(throws: TimeZoneError.malformed) {
            try Self.read(Self.file(footer: footer))
        }
    }

    @Test("no octet of a time zone file, changed or cut off, leads to a trap")
    func damagedFiles() throws {
        let file = try #require(WorkflowBench.zoneFile("Europe/London"))
        var read = 0
        for cut in 0..<file.count where (try? Self.read(Array(file[..<cut]))) != nil {
            read += 1
        }
        #expect(read == 0)
        var state: UInt64 = 1
        for round in 0..<4_000 {
            var damaged = file
            for _ in 0..<3 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let place = round < 2_000 ? Int(state >> 33) % 90 : Int(state >> 33) % file.count
                damaged[place] = UInt8(truncatingIfNeeded: state >> 24)
            }
            guard let zone = try? Self.read(damaged) else { continue }
            for seconds in [Int64.min, -1, 0, 1_800_000_000, 4_000_000_000, Int64.max] {
                #expect(abs(zone.offset(at: seconds)) < 200 * 3_600)
            }
        }
    }

    @Test("every zone agrees with its own transitions", arguments: ["Europe/Paris", "Asia/Tehran"])
    func otherZones(name: String) throws {
        #expect(try Self.local(try Self.zone(name), "2026-01-15T12:00:00Z").contains("2026-01-15T"))
    }

    @Test(
        "20 zones agree with Foundation's at every change of clocks, and around it, from 1970 to 2037",
        arguments: [
            "America/New_York", "America/Los_Angeles", "America/St_Johns", "America/Sao_Paulo",
            "America/Santiago", "America/Caracas", "Europe/London", "Europe/Dublin",
            "Europe/Berlin",
            "Europe/Moscow", "Africa/Cairo", "Africa/Casablanca", "Asia/Kolkata", "Asia/Kathmandu",
            "Asia/Tehran", "Asia/Jerusalem", "Australia/Sydney", "Australia/Lord_Howe",
            "Pacific/Chatham", "Pacific/Apia",
        ]
    )
    func edges(name: String) throws {
        let zone = try Self.zone(name)
        let judge = try #require(TimeZone(identifier: name))
        var time = Date(timeIntervalSince1970: 0)
        let end = Date(timeIntervalSince1970: 2_145_916_800)
        var edges = 0
        while let edge = judge.nextDaylightSavingTimeTransition(after: time), edge < end {
            for distance in [-86_400, -3_600, -1, 0, 1, 3_600, 86_400] {
                let second = Int64(edge.timeIntervalSince1970) + Int64(distance)
                let date = Date(timeIntervalSince1970: TimeInterval(second))
                #expect(zone.offset(at: second) == judge.secondsFromGMT(for: date), "\(date)")
            }
            edges += 1
            time = edge
        }
        #expect(edges > 0 || ["Asia/Kolkata", "Asia/Kathmandu", "America/Caracas"].contains(name))
    }

    // MARK: - Hours

    /// `open` or `closed` at a time, by a schedule in New York.
    static func state(
        _ hours: String,
        _ time: String,
        zone: String = "America/New_York"
    ) throws
        -> String?
    {
        var bench = try WorkflowBench(
            steps: """
                {"id": "it", "type": "schedule", "config": {"timezone": "\(zone)", \(hours)},
                 "branches": {"open": "done", "closed": "done"}}
                """
        )
        let label = try #require(bench.start(WorkflowBench.call(at: time)).output?.label)
        return try JSONValue.parse(label)["label"]?.stringValue
    }

    static let week = """
        "weekly": {"mon": ["09:00-17:30"], "fri": ["09:00-12:00", "13:00-24:00"],
          "sat": ["22:00-02:00"], "sun": ["00:00-03:30"], "wed": ["00:00-24:00"]},
        "dates": {"2026-12-25": [], "2026-12-31": ["09:00-12:00"], "2028-02-29": ["10:00-11:00"]}
        """

    @Test(
        "windows of the week and of dates",
        arguments: [
            ("2026-11-23T13:59:59Z", "closed"), ("2026-11-23T14:00:00Z", "open"),  // Monday 09:00
            ("2026-11-23T22:29:59Z", "open"), ("2026-11-23T22:30:00Z", "closed"),
            ("2026-11-24T15:00:00Z", "closed"),  // Tuesday has no hours
            ("2026-11-25T05:00:00Z", "open"), ("2026-11-26T04:59:59Z", "open"),
            ("2026-11-26T05:00:00Z", "closed"),
            ("2026-11-27T17:30:00Z", "closed"),  // lunch
            ("2026-11-28T04:59:59Z", "open"), ("2026-11-28T05:00:00Z", "closed"),  // Friday 24:00
            ("2026-11-29T02:59:59Z", "closed"), ("2026-11-29T03:00:00Z", "open"),  // Saturday 22:00
            ("2026-11-29T08:29:59Z", "open"), ("2026-11-29T08:30:00Z", "closed"),  // Sunday 03:30
            ("2026-12-25T15:00:00Z", "closed"),  // a Friday off
            ("2026-12-31T16:59:59Z", "open"), ("2026-12-31T17:00:00Z", "closed"),
            ("2028-02-29T15:30:00Z", "open"), ("2028-02-29T16:00:00Z", "closed"),
            ("2032-02-29T15:30:00Z", "closed"),
        ]
    )
    func hours(time: String, expected: String) throws {
        #expect(try Self.state(Self.week, time) == expected)
    }

    @Test("a window that passes midnight lasts into a day off")
    func overnightIntoHoliday() throws {
        let hours = #""weekly": {"thu": ["22:00-02:00"]}, "dates": {"2026-12-25": []}"#
        #expect(try Self.state(hours, "2026-12-25T06:59:59Z") == "open")
        #expect(try Self.state(hours, "2026-12-25T07:00:00Z") == "closed")
    }

    @Test(
        "hours are those of the clock on the wall on days of change",
        arguments: [
            // New York leaves out 02:00 to 03:00 on 8 March, and has 01:00 to 02:00 twice on 1 November.
            ("2026-03-08T06:29:59Z", "closed"), ("2026-03-08T06:59:59Z", "open"),
            ("2026-03-08T07:00:00Z", "open"), ("2026-03-08T07:29:59Z", "open"),
            ("2026-03-08T07:30:00Z", "closed"),
            ("2026-11-01T05:30:00Z", "open"), ("2026-11-01T06:30:00Z", "open"),
            ("2026-11-01T07:00:00Z", "closed"),
        ]
    )
    func hoursOnDaysOfChange(time: String, expected: String) throws {
        let hours = #""weekly": {"sun": ["01:30-02:00", "03:00-03:30"]}"#
        #expect(try Self.state(hours, time) == expected)
    }

    @Test("the same in the southern hemisphere, where a window passes the missing hour")
    func southern() throws {
        let hours = #""weekly": {"sat": ["22:00-02:30"]}"#
        let zone = "Australia/Sydney"
        #expect(try Self.state(hours, "2026-10-03T15:59:59Z", zone: zone) == "open")
        #expect(try Self.state(hours, "2026-10-03T16:00:00Z", zone: zone) == "closed")
        #expect(try Self.state(hours, "2026-04-04T15:29:59Z", zone: zone) == "open")
        #expect(try Self.state(hours, "2026-04-04T15:30:00Z", zone: zone) == "closed")
        // The hour from two to three comes again.
        #expect(try Self.state(hours, "2026-04-04T16:00:00Z", zone: zone) == "open")
    }
}
