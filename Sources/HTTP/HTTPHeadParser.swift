import Primitives

/// Reads a head line by line as it arrives (RFC 9112 §2.1).
struct HTTPHeadParser: Sendable {
    private var lines = LineScanner()
    private var headStart = 0
    private var phase = Phase.requestLine
    private var sawEmptyLine = false

    private enum Phase: Sendable {
        case requestLine, fields
    }

    /// The first octet behind what was read so far.
    var position: Int { lines.start }

    /// Whether nothing of a request has arrived in a buffer of `count` octets.
    func isIdle(_ count: Int) -> Bool { phase == .requestLine && lines.start == count }

    /// Expects a request at `index` of the buffer.
    mutating func restart(at index: Int) {
        lines.move(to: index)
        headStart = index
        phase = .requestLine
        sawEmptyLine = false
    }

    /// Reads on; true when the head is complete and every rule that does not depend on the route
    /// holds.
    mutating func parse(
        _ buffer: [UInt8],
        into request: inout HTTPRequest,
        limits: borrowing HTTPLimits
    ) throws(HTTPRefusal) -> Bool {
        let bytes = buffer.span
        if phase == .requestLine {
            guard try parseRequestLine(bytes, into: &request, limits: limits) else { return false }
            phase = .fields
        }
        while true {
            let end = headStart &+ limits.headBytesMax
            guard case .line(let line) = try nextLine(in: bytes, end: end) else { return false }
            if line.isEmpty { break }
            guard request.fields.count < limits.fieldsMax else { throw .tooManyFields }
            request.fields.append(try HTTPField(bytes, line))
        }
        try request.settle(in: bytes)
        request.body = ByteSlice(start: lines.start, count: 0)
        return true
    }

    private mutating func parseRequestLine(
        _ bytes: Span<UInt8>,
        into request: inout HTTPRequest,
        limits: borrowing HTTPLimits
    ) throws(HTTPRefusal) -> Bool {
        while true {
            switch try lines.next(in: bytes, limit: limits.requestLineBytesMax) {
            case .tooLong: throw .requestLineTooLong
            case .incomplete: return false
            case .line(let line) where line.isEmpty:
                // RFC 9112 §2.2: at least one empty line before the request-line is ignored, for
                // clients that end a body with one. One is enough.
                guard !sawEmptyLine else { throw .requestLine }
                sawEmptyLine = true
                headStart = lines.start
            case .line(let line):
                try request.parseRequestLine(bytes, line)
                return true
            }
        }
    }

    /// The next field line, or 431 as soon as the head cannot end at or before `end`.
    private mutating func nextLine(
        in bytes: Span<UInt8>,
        end: Int
    ) throws(HTTPRefusal) -> LineScanner.Outcome {
        let outcome = try lines.next(in: bytes, limit: end &- lines.start)
        switch outcome {
        case .tooLong: throw .headTooLarge
        case .line where lines.start > end: throw .headTooLarge
        case .line, .incomplete: return outcome
        }
    }
}

extension HTTPField {
    /// Reads `name ":" OWS value OWS` (RFC 9112 §5).
    init(_ bytes: Span<UInt8>, _ line: Range<Int>) throws(HTTPRefusal) {
        var colon = line.lowerBound
        // RFC 9112 §5.1: no white space between name and colon; §5.2: a line that begins with white
        // space is obs-fold. Neither is a token character, so that both are refused here, and so
        // are an empty name and a line without colon.
        while colon < line.upperBound, ASCII.isToken(bytes[colon]) { colon &+= 1 }
        guard colon > line.lowerBound, colon < line.upperBound, bytes[colon] == ASCII.colon else {
            throw .fieldLine
        }
        let value = bytes.trimmingBlanks((colon &+ 1)..<line.upperBound)
        self.init(
            id: HTTPFieldName(bytes.extracting(line.lowerBound..<colon)),
            name: ByteSlice(line.lowerBound..<colon),
            value: ByteSlice(value)
        )
    }
}
