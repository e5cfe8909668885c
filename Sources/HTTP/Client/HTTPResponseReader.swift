import Primitives

/// Reads one answer of a server as its octets arrive (RFC 9112 §4, §6).
///
/// As strict about lengths and line ends as the server's side, because a server that is asked by name
/// can still be anybody. Invariant: body start ≤ bodyEnd ≤ the octets received, which never exceed
/// head, body, what frames it, and one read.
package struct HTTPResponseReader: Sendable {
    /// 200…999 once the head is there.
    package private(set) var status = 0
    /// Whether the connection can take another request after this answer.
    package private(set) var persists = false
    private var buffer: [UInt8] = []
    private var fieldLines: [HTTPField] = []
    private var bodyStart = 0
    private var bodyEnd = 0
    private var lines = LineScanner()
    private var chunks = ChunkedBody()
    private var interimCount = 0
    private var phase = Phase.statusLine
    private var isVersion10 = false
    private let answersHEAD: Bool
    private let limits: HTTPLimits

    private enum Phase: Sendable {
        case statusLine, fields
        case length(Int)
        case chunked
        /// RFC 9112 §6.3 rule 8: the body ends where the connection does.
        case untilEnd
        case complete
    }

    /// - Parameters:
    ///   - answersHEAD: such an answer has no body, whatever its head says (RFC 9112 §6.3 rule 1).
    ///   - limits: head, fields and body; the time-outs are not used.
    package init(answersHEAD: Bool, limits: HTTPLimits = HTTPLimits()) {
        self.answersHEAD = answersHEAD
        self.limits = limits
    }

    /// Whether anything of an answer has arrived.
    package var hasBegun: Bool { !buffer.isEmpty || interimCount > 0 }

    /// Takes octets in; true when the answer is complete.
    package mutating func receive(_ bytes: Span<UInt8>) throws(HTTPResponseDefect) -> Bool {
        bytes.append(to: &buffer)
        do throws(HTTPRefusal) {
            guard try advance() else { return false }
        } catch {
            throw HTTPResponseDefect(error)
        }
        phase = .complete
        return true
    }

    /// The peer has sent all it will; whether that completes the answer.
    package mutating func end() throws(HTTPResponseDefect) {
        guard case .untilEnd = phase else {
            throw hasBegun ? .truncated : .nothing
        }
        phase = .complete
    }

    /// Names and values in their order, once the head is there.
    package var fields: [(name: String, value: String)] {
        fieldLines.map { field in
            (buffer.span.text(field.name), buffer.span.text(field.value))
        }
    }

    package var body: [UInt8] { Array(buffer[bodyStart..<bodyEnd]) }

    private mutating func advance() throws(HTTPRefusal) -> Bool {
        while true {
            switch phase {
            case .statusLine:
                guard let line = try nextLine() else { return false }
                try readStatusLine(line)
                phase = .fields
            case .fields:
                guard let line = try nextLine() else { return false }
                guard !line.isEmpty else {
                    try endHead()
                    continue
                }
                guard fieldLines.count < limits.fieldsMax else { throw .tooManyFields }
                fieldLines.append(try HTTPField(buffer.span, line))
            case .length(let count):
                bodyEnd = bodyStart &+ min(count, buffer.count &- bodyStart)
                guard bodyEnd &- bodyStart == count else { return false }
                // What follows the answer was not asked for: the next one could not be trusted.
                persists = persists && buffer.count == bodyEnd
                return true
            case .chunked:
                let isComplete = try chunks.decode(
                    &buffer,
                    bodyBytesMax: limits.bodyBytesMax,
                    bodyStart: bodyStart,
                    limits: limits
                )
                bodyEnd = chunks.contentEnd
                guard isComplete else { return false }
                persists = persists && buffer.count == chunks.position
                return true
            case .untilEnd:
                bodyEnd = buffer.count
                guard bodyEnd &- bodyStart <= limits.bodyBytesMax else { throw .bodyTooLarge }
                return false
            case .complete:
                persists = false
                return true
            }
        }
    }

    private mutating func nextLine() throws(HTTPRefusal) -> Range<Int>? {
        // A copy, because a span of the buffer borrows all of `self`.
        var lines = lines
        defer { self.lines = lines }
        switch try lines.next(in: buffer.span, limit: limits.headBytesMax &- lines.start) {
        case .tooLong: throw .headTooLarge
        case .incomplete: return nil
        case .line(let line):
            guard lines.start <= limits.headBytesMax else { throw .headTooLarge }
            return line
        }
    }

    /// Reads `HTTP/1.x SP 3DIGIT [ SP reason ]` (RFC 9112 §4).
    private mutating func readStatusLine(_ line: Range<Int>) throws(HTTPRefusal) {
        (status, isVersion10) = try Self.statusLine(buffer.span.extracting(line))
    }

    private static func statusLine(
        _ text: Span<UInt8>
    ) throws(HTTPRefusal) -> (status: Int, isVersion10: Bool) {
        guard text.count >= 12 else { throw .version }
        let version = text.extracting(0..<8)
        let isVersion10 = version.isEqual(to: "HTTP/1.0")
        guard isVersion10 || version.isEqual(to: "HTTP/1.1"), text[8] == ASCII.space,
            text.count == 12 || text[12] == ASCII.space,
            let code = text.extracting(9..<12).decimal(), code >= 100
        else { throw .version }
        return (code, isVersion10)
    }

    /// What the fields say about the body, in the order of RFC 9112 §6.3.
    private mutating func endHead() throws(HTTPRefusal) {
        if status < 200 {
            try skipInterim()
            return
        }
        bodyStart = lines.start
        bodyEnd = bodyStart
        let framing = try ResponseFraming(fieldLines, in: buffer.span, isVersion10: isVersion10)
        persists = framing.persists
        if answersHEAD || status == 204 || status == 304 {
            phase = .length(0)
        } else if framing.isChunked {
            chunks.restart(at: bodyStart)
            phase = .chunked
        } else if let length = framing.length {
            guard length <= limits.bodyBytesMax else { throw .bodyTooLarge }
            phase = .length(length)
        } else {
            persists = false
            phase = .untilEnd
        }
    }

    /// RFC 9110 §15.2: interim answers may come before the final one, a client skips them.
    ///
    /// Not 101: nobody asked to change the protocol.
    private mutating func skipInterim() throws(HTTPRefusal) {
        interimCount &+= 1
        guard status != 101, interimCount <= Self.interimCountMax else { throw .version }
        buffer.removeSubrange(0..<lines.start)
        lines.move(to: 0)
        fieldLines.removeAll()
        phase = .statusLine
    }

    private static let interimCountMax = 8
}

/// Why an answer cannot be read; the server is at fault in all cases.
package enum HTTPResponseDefect: Error, CaseIterable, Sendable {
    /// The connection ended before the first octet.
    case nothing
    /// It ended within the answer.
    case truncated
    /// Head, fields or body are larger than the limits.
    case tooLarge
    case malformed

    init(_ refusal: HTTPRefusal) {
        switch refusal {
        case .bodyTooLarge, .headTooLarge, .tooManyFields: self = .tooLarge
        default: self = .malformed
        }
    }
}

extension Span where Element == UInt8 {
    fileprivate func append(to array: inout [UInt8]) {
        unsafe withUnsafeBufferPointer { unsafe array.append(contentsOf: $0) }
    }
}
