import Primitives

/// Why octets are not a time zone that we can use.
package enum TimeZoneError: Error, Equatable, Sendable {
    case notTZif
    case truncated
    case malformed
    case tooLarge
    /// A `right/` zone, whose clock counts leap seconds and so differs from everybody's.
    case countsLeapSeconds
}

extension TimeZoneRules {
    /// Reads a TZif file, version 1 to 4 (RFC 8536 §3, RFC 9636).
    ///
    /// From version 2 on, the second block with its 64-bit times and the footer are what counts.
    package init(tzif file: Span<UInt8>) throws(TimeZoneError) {
        guard file.count <= Self.fileByteCountMax else { throw .tooLarge }
        var header = try TZifHeader(file, at: 0)
        guard header.version >= 0x32 else {
            self = try Self.read(header, timeByteCount: 4, footer: nil, file)
            return
        }
        header = try TZifHeader(file, at: header.end(timeByteCount: 4))
        let footerStart = header.end(timeByteCount: 8)
        guard footerStart < file.count, file[footerStart] == ASCII.lineFeed,
            let footerEnd = file.firstIndex(of: ASCII.lineFeed, from: footerStart + 1)
        else { throw .truncated }
        let footer = file.extracting((footerStart + 1)..<footerEnd)
        var tail: PosixTimeZone?
        if footer.count > 0 {
            tail = PosixTimeZone(parsing: footer)
            guard tail != nil else { throw .malformed }
        }
        self = try Self.read(header, timeByteCount: 8, footer: tail, file)
    }

    private static func read(
        _ header: TZifHeader,
        timeByteCount: Int,
        footer: PosixTimeZone?,
        _ file: Span<UInt8>
    ) throws(TimeZoneError) -> TimeZoneRules {
        guard header.end(timeByteCount: timeByteCount) <= file.count else { throw .truncated }
        guard header.leapCount == 0 else { throw .countsLeapSeconds }
        let timesStart = header.start
        let indicesStart = timesStart + header.timeCount * timeByteCount
        let typesStart = indicesStart + header.timeCount
        var types: [Int32] = []
        for index in 0..<header.typeCount {
            // RFC 8536 §3.2: utoff is more than −25 hours and less than 26 hours.
            let offset = Int32(
                truncatingIfNeeded: file.bigEndian(at: typesStart + index * 6, count: 4)
            )
            guard -89_999...93_599 ~= offset else { throw .malformed }
            types.append(offset)
        }
        var times: [Int64] = []
        var offsets: [Int32] = []
        for index in 0..<header.timeCount {
            let time = file.bigEndian(at: timesStart + index * timeByteCount, count: timeByteCount)
            let type = Int(file[indicesStart + index])
            guard type < types.count, times.last.map({ $0 < time }) ?? true else {
                throw .malformed
            }
            times.append(time)
            offsets.append(types[type])
        }
        return TimeZoneRules(
            transitions: times,
            offsets: offsets,
            firstOffset: types[0],
            tail: footer
        )
    }

    /// The largest zone of the IANA database has 4 KiB; “fat” ones have a few times that.
    private static let fileByteCountMax = 64 << 10
}

/// The 44 octets before each block of a TZif file.
private struct TZifHeader {
    var version: UInt8
    /// Where the block begins.
    var start: Int
    var timeCount: Int
    var typeCount: Int
    var leapCount: Int
    private var characterCount: Int
    private var indicatorCount: Int

    init(_ file: Span<UInt8>, at offset: Int) throws(TimeZoneError) {
        guard offset + 44 <= file.count else { throw offset == 0 ? .notTZif : .truncated }
        guard file.extracting(offset..<(offset + 4)).isEqual(to: "TZif") else { throw .notTZif }
        version = file[offset + 4]
        var counts: [Int] = []
        for index in 0..<6 {
            // Each counts things that take at least one octet, so none can exceed the file.
            let count = file.bigEndian(at: offset + 20 + index * 4, count: 4)
            guard 0...Int64(file.count) ~= count else { throw .malformed }
            counts.append(Int(count))
        }
        start = offset + 44
        indicatorCount = counts[0] + counts[1]
        leapCount = counts[2]
        timeCount = counts[3]
        typeCount = counts[4]
        characterCount = counts[5]
        guard 1...256 ~= typeCount else { throw .malformed }
    }

    /// Where the block ends, with times of so many octets.
    func end(timeByteCount: Int) -> Int {
        start + timeCount * (timeByteCount + 1) + typeCount * 6 + characterCount
            + leapCount * (timeByteCount + 4) + indicatorCount
    }
}

extension Span where Element == UInt8 {
    /// A signed big-endian number of 4 or 8 octets; the caller has made sure that they are there.
    fileprivate func bigEndian(at start: Int, count: Int) -> Int64 {
        var word: UInt64 = self[start] & 0x80 == 0 ? 0 : .max
        for index in 0..<count { word = word << 8 | UInt64(self[start + index]) }
        return Int64(bitPattern: word)
    }
}
