import Primitives

/// Takes a chunked body apart in the buffer it arrived in (RFC 9112 §7.1).
///
/// The content moves down over the chunk headers, so that the body is one run of octets and the
/// buffer never holds more than head, content and one read.
/// Invariant: body start ≤ contentEnd ≤ readIndex ≤ the octets received.
struct ChunkedBody: Sendable {
    private(set) var contentEnd = 0
    private var readIndex = 0
    private var phase = Phase.size
    private var lines = LineScanner()
    private var extensionBytes = 0
    private var trailerStart = 0
    private var trailerFields = 0

    private enum Phase: Sendable {
        case size
        case content(left: Int)
        case contentEnd
        case trailer
        case complete
    }

    /// The first octet behind what was read.
    var position: Int { readIndex }

    /// Expects the first chunk at `index`.
    mutating func restart(at index: Int) {
        self = ChunkedBody()
        contentEnd = index
        move(to: index)
    }

    /// Reads what has arrived; true when the trailer section is complete.
    mutating func decode(
        _ buffer: inout [UInt8],
        bodyBytesMax: Int,
        bodyStart: Int,
        limits: borrowing HTTPLimits
    ) throws(HTTPRefusal) -> Bool {
        while true {
            switch phase {
            case .size:
                guard let size = try nextSize(buffer.span, limits) else { break }
                guard size <= bodyBytesMax &- (contentEnd &- bodyStart) else {
                    throw .bodyTooLarge
                }
                if size == 0 { trailerStart = readIndex }
                phase = size == 0 ? .trailer : .content(left: size)
                continue
            case .content(let left):
                let available = min(left, buffer.count &- readIndex)
                guard available > 0 else { break }
                moveContent(available, in: &buffer)
                phase = available == left ? .contentEnd : .content(left: left &- available)
                continue
            case .contentEnd:
                // Nothing but CRLF may follow the content that was announced.
                guard try nextLine(buffer.span, limit: 0) != nil else { break }
                phase = .size
                continue
            case .trailer:
                guard try readTrailer(buffer.span, limits) else { break }
                phase = .complete
                continue
            case .complete:
                return true
            }
            closeGap(&buffer)
            return false
        }
    }

    private mutating func move(to index: Int) {
        readIndex = index
        lines.move(to: index)
    }

    /// A line with no more than `limit` octets, nil if it is not there yet.
    private mutating func nextLine(
        _ bytes: Span<UInt8>,
        limit: Int
    ) throws(HTTPRefusal) -> Range<Int>? {
        switch try lines.next(in: bytes, limit: limit) {
        case .tooLong: throw .chunk
        case .incomplete: return nil
        case .line(let line):
            readIndex = lines.start
            return line
        }
    }

    /// Reads `chunk-size [ chunk-ext ]`; extensions are bounded and dropped (RFC 9112 §7.1.1).
    private mutating func nextSize(
        _ bytes: Span<UInt8>,
        _ limits: borrowing HTTPLimits
    ) throws(HTTPRefusal) -> Int? {
        guard let line = try nextLine(bytes, limit: limits.chunkLineBytesMax) else { return nil }
        var size = 0
        var index = line.lowerBound
        while index < line.upperBound, let digit = ASCII.hexValue(bytes[index]) {
            // 15 digits stay below 2^60, so that nothing overflows whatever the peer announces.
            guard index &- line.lowerBound < 15 else { throw .chunk }
            size = size << 4 | Int(digit)
            index &+= 1
        }
        guard index > line.lowerBound else { throw .chunk }
        extensionBytes &+= line.upperBound &- index
        guard extensionBytes <= limits.chunkExtensionBytesMax else { throw .chunk }
        try checkExtensions(bytes.extracting(index..<line.upperBound))
        return size
    }

    /// Refuses what cannot be `*( BWS ";" BWS name [ BWS "=" BWS value ] )`.
    ///
    /// What is between two semicolons is not looked at, but white space alone behind the size is
    /// refused: other servers read it as another size.
    private func checkExtensions(_ text: Span<UInt8>) throws(HTTPRefusal) {
        guard text.count > 0 else { return }
        let trimmed = text.trimmingBlanks(0..<text.count)
        guard trimmed.count > 1, text[trimmed.lowerBound] == ASCII.semicolon else { throw .chunk }
    }

    /// Trailer fields have the syntax of header fields (RFC 9112 §7.1.2).
    ///
    /// We use none, so that they are checked and dropped; merged into the head they could replace
    /// what was authenticated.
    private mutating func readTrailer(
        _ bytes: Span<UInt8>,
        _ limits: borrowing HTTPLimits
    ) throws(HTTPRefusal) -> Bool {
        while true {
            let end = trailerStart &+ limits.trailerBytesMax
            switch try lines.next(in: bytes, limit: end &- lines.start) {
            case .tooLong: throw .headTooLarge
            case .incomplete: return false
            case .line(let line):
                guard lines.start <= end else { throw .headTooLarge }
                readIndex = lines.start
                if line.isEmpty { return true }
                trailerFields &+= 1
                guard trailerFields <= limits.fieldsMax else { throw .tooManyFields }
                _ = try HTTPField(bytes, line)
            }
        }
    }

    private mutating func moveContent(_ count: Int, in buffer: inout [UInt8]) {
        if contentEnd != readIndex {
            buffer.moveDown(readIndex..<(readIndex &+ count), to: contentEnd)
        }
        contentEnd &+= count
        move(to: readIndex &+ count)
    }

    /// Drops the chunk headers between the content and what is still unread, so that they do not
    /// pile up.
    ///
    /// What is unread here is less than one line.
    private mutating func closeGap(_ buffer: inout [UInt8]) {
        let gap = readIndex &- contentEnd
        guard gap > 0 else { return }
        buffer.removeSubrange(contentEnd..<readIndex)
        readIndex = contentEnd
        lines.moveBack(by: gap)
        trailerStart &-= gap
    }
}
