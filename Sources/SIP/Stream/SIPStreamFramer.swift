import Primitives

/// Cuts the bytes of a connection into messages (RFC 3261 §7.5 and §18.3, RFC 5626 §3.5.1).
///
/// Feed it with `append`, then call `next` until it says `needMore`. Work is linear in the bytes
/// fed, in however small pieces they come; memory is bounded by `SIPLimits.messageBytes` and one
/// piece, and never follows a length that the peer only announces.
///
/// Invariant: start ≤ scanned ≤ bytes.count
package struct SIPStreamFramer: Sendable {
    package enum Event: Hashable, Sendable {
        /// All that was fed is used up or is the beginning of a message.
        case needMore
        /// A double CRLF: write one CRLF back.
        case ping
        /// A message was parsed; `framer.withBytes(of:)` shows its bytes until the next `append`.
        case message(Range<Int>)
        /// The same, but where the next one starts cannot be known: answer this one and close.
        case lastMessage(Range<Int>)
        /// Whoever is there does not speak SIP: close.
        case notSIP
    }

    private var bytes: [UInt8] = []
    /// Where the message that is being collected starts.
    private var start = 0
    /// Up to where line breaks have been looked for.
    private var scanned = 0
    /// Where the line that is being collected starts.
    private var lineStart = 0
    private var progress = Progress.betweenMessages

    private enum Progress: Hashable, Sendable {
        case betweenMessages
        case startLine
        case fields
        /// The head is there and in order; the message ends at this index.
        case body(end: Int)
        case closed
    }

    package init() {}

    /// The bytes that wait for the rest of their message.
    package var pendingBytes: Int { bytes.count - start }

    /// Whether a message has begun and not ended: what a time limit for slow peers looks at.
    package var isInsideMessage: Bool { progress != .betweenMessages && progress != .closed }

    /// The bytes of a message that `next` has just found.
    package func withBytes<Result>(
        of range: Range<Int>,
        _ body: (Span<UInt8>) -> Result
    ) -> Result {
        body(bytes.span.bytes(ByteSlice(range)))
    }

    /// Adds what the connection has brought.
    package mutating func append(_ segment: Span<UInt8>) {
        guard progress != .closed else { return }
        dropConsumed()
        unsafe segment.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    }

    /// Finds the next thing in what was fed; a message is parsed into `message`.
    package mutating func next(into message: inout SIPMessage) -> Event {
        if progress == .closed { return .needMore }
        if progress == .betweenMessages, skipLineBreaks() { return .ping }
        if progress == .startLine, !readStartLine() { return close(.notSIP) }
        if progress == .fields { return readFields(into: &message) }
        if case .body(let end) = progress, end <= bytes.count {
            return finish(at: end, into: &message)
        }
        return isTooLong ? refuse(into: &message) : .needMore
    }
}

extension SIPStreamFramer {
    /// RFC 3261 §7.5: line breaks before a start line are ignored, but for the double one (a ping).
    ///
    /// Returns whether there was one.
    private mutating func skipLineBreaks() -> Bool {
        while start < bytes.count {
            guard bytes[start] == ASCII.carriageReturn else {
                progress = .startLine
                break
            }
            // One CR may be the first octet of CRLF, two octets of a ping: wait for the next ones.
            guard start &+ 1 < bytes.count else { break }
            guard bytes[start &+ 1] == ASCII.lineFeed else {
                progress = .startLine
                break
            }
            if start &+ 2 == bytes.count { break }
            if bytes[start &+ 2] == ASCII.carriageReturn {
                if start &+ 3 == bytes.count { break }
                if bytes[start &+ 3] == ASCII.lineFeed {
                    start &+= 4
                    scanned = start
                    return true
                }
            }
            start &+= 2
        }
        scanned = Swift.max(scanned, start)
        lineStart = start
        return false
    }

    /// Decides as early as possible whether this is SIP; false if it is not.
    private mutating func readStartLine() -> Bool {
        // Only the first word and the octet after it matter until the line is complete.
        let prefixEnd = Swift.min(bytes.count, start &+ SIPLimits.methodBytes &+ 4)
        guard StartLine.mayBegin(with: bytes.span.extracting(start..<prefixEnd)) else {
            return false
        }
        let end = bytes.span.first(ASCII.lineFeed, in: scanned..<bytes.count)
        scanned = end
        guard end < bytes.count else { return end &- start <= SIPLimits.headerLineBytes }
        let hasReturn = end > start && bytes[end &- 1] == ASCII.carriageReturn
        let line = start..<(hasReturn ? end &- 1 : end)
        if case .notSIP = StartLine(bytes.span.extracting(line)) { return false }
        scanned = end &+ 1
        lineStart = scanned
        progress = .fields
        return true
    }

    /// Looks for the empty line, in the same way as the parser does, and parses the head once.
    private mutating func readFields(into message: inout SIPMessage) -> Event {
        while scanned < bytes.count {
            let end = bytes.span.first(ASCII.lineFeed, in: scanned..<bytes.count)
            scanned = end
            guard end < bytes.count else { break }
            let isEmptyLine =
                end == lineStart
                || end == lineStart &+ 1 && bytes[lineStart] == ASCII.carriageReturn
            scanned = end &+ 1
            lineStart = scanned
            if scanned &- start > SIPLimits.messageBytes { break }
            if isEmptyLine { return readHead(into: &message) }
        }
        return isTooLong ? refuse(into: &message) : .needMore
    }

    /// The head is complete: parses it and learns where the message ends.
    private mutating func readHead(into message: inout SIPMessage) -> Event {
        message.parse(bytes.span.extracting(start..<bytes.count), framing: .stream)
        if message.defect == nil { return finished(message) }
        guard message.defect == .truncatedBody, let count = message.contentLength else {
            return finishLast(&message)
        }
        guard scanned &- start &+ count <= SIPLimits.messageBytes else {
            message.replace(defect: .bodyTooLarge)
            return finishLast(&message)
        }
        progress = .body(end: scanned &+ count)
        return .needMore
    }

    private mutating func finish(at end: Int, into message: inout SIPMessage) -> Event {
        message.parse(bytes.span.extracting(start..<end), framing: .stream)
        return message.defect == nil ? finished(message) : finishLast(&message)
    }

    private mutating func finished(_ message: SIPMessage) -> Event {
        let range = start..<(start &+ message.length)
        start = range.upperBound
        scanned = start
        lineStart = start
        progress = .betweenMessages
        // RFC 3261 §20.14 demands Content-Length on streams. Without it the message is taken to have
        // no body, and nothing that follows is read: it could be one.
        guard message.contentLength != nil else {
            progress = .closed
            return .lastMessage(range)
        }
        return .message(range)
    }

    /// What is wrong with the head may be wrong with its length too: nothing after it is believed.
    private mutating func finishLast(_ message: inout SIPMessage) -> Event {
        message.dropBody()
        progress = .closed
        return .lastMessage(start..<(start &+ message.length))
    }

    private var isTooLong: Bool { bytes.count &- start > SIPLimits.messageBytes }

    private mutating func refuse(into message: inout SIPMessage) -> Event {
        let end = Swift.min(bytes.count, start &+ SIPLimits.messageBytes)
        message.parse(bytes.span.extracting(start..<end), framing: .stream)
        message.replace(defect: .messageTooLarge)
        progress = .closed
        return .lastMessage(start..<end)
    }

    private mutating func close(_ event: Event) -> Event {
        progress = .closed
        bytes = []
        start = 0
        scanned = 0
        return event
    }

    /// Gives room back.
    ///
    /// Bytes move only when at least as many are dropped as stay, which keeps the work linear.
    private mutating func dropConsumed() {
        guard start > 0 else { return }
        let left = bytes.count &- start
        guard left <= start else { return }
        if left == 0, bytes.capacity > SIPLimits.idleConnectionBytes {
            bytes = []
        } else {
            bytes.removeFirst(start)
        }
        scanned &-= start
        lineStart &-= start
        if case .body(let end) = progress { progress = .body(end: end &- start) }
        start = 0
    }
}
