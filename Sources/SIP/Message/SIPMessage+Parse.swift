import Primitives

extension SIPMessage {
    /// Reads the first line and returns where the next one starts.
    mutating func parseStartLine(_ bytes: Span<UInt8>) -> Int {
        let (end, next) = lineEnd(bytes, from: 0)
        switch StartLine(bytes.extracting(0..<end)) {
        case .request(let line):
            kind = .request
            methodName = line.method
            method = SIPMethod(bytes.bytes(line.method))
            requestURI = line.uri
            statusCode = 0
            reasonPhrase = .empty
            if let defect = line.defect { note(defect) }
        case .response(let line):
            kind = .response
            methodName = .empty
            method = .unknown
            requestURI = .empty
            statusCode = line.code
            reasonPhrase = line.reason
            if line.code == 0 { note(.badStartLine) }
        case .notSIP:
            kind = .request
            method = .unknown
            methodName = .empty
            requestURI = .empty
            statusCode = 0
            reasonPhrase = .empty
            defect = .notSIP
        }
        return next
    }

    /// The end of the line at `start`, and the start of the line after it.
    ///
    /// Notes a bare line break.
    private mutating func lineEnd(_ bytes: Span<UInt8>, from start: Int) -> (end: Int, next: Int) {
        var index = bytes.firstControl(from: start)
        while index < bytes.count {
            switch bytes[index] {
            case ASCII.carriageReturn where bytes.has(ASCII.lineFeed, at: index &+ 1):
                return (index, index &+ 2)
            case ASCII.lineFeed:
                note(.bareLineBreak)
                return (index, index &+ 1)
            case ASCII.tab: break
            default: note(.badStartLine)
            }
            index = bytes.firstControl(from: index &+ 1)
        }
        note(.incompleteHeader)
        return (bytes.count, bytes.count)
    }

    /// Reads header fields up to the empty line and returns where the body starts.
    mutating func parseFields(
        _ bytes: Span<UInt8>,
        from start: Int,
        names: HeaderNameTable
    ) -> Int {
        var index = start
        while index < bytes.count {
            if bytes[index] == ASCII.carriageReturn, bytes.has(ASCII.lineFeed, at: index &+ 1) {
                return index &+ 2
            }
            if bytes[index] == ASCII.lineFeed {
                note(.bareLineBreak)
                return index &+ 1
            }
            guard fields.count < SIPLimits.headerFields else {
                note(.tooManyHeaders)
                return bytes.count
            }
            index = parseField(bytes, from: index, names: names)
        }
        note(.incompleteHeader)
        return bytes.count
    }

    /// Reads one field with its folded lines and returns where the next one starts.
    private mutating func parseField(
        _ bytes: Span<UInt8>,
        from start: Int,
        names: HeaderNameTable
    ) -> Int {
        var colon = bytes.firstColonOrControl(from: start)
        while bytes.has(ASCII.tab, at: colon) {
            colon = bytes.firstColonOrControl(from: colon &+ 1)
        }
        let hasColon = bytes.has(ASCII.colon, at: colon)
        let (end, next, isFolded) = valueEnd(bytes, from: hasColon ? colon &+ 1 : colon)
        if next &- start > SIPLimits.headerLineBytes { note(.headerLineTooLong) }
        guard hasColon else {
            note(.badHeaderName)
            return next
        }
        // RFC 3261 §25.1, HCOLON: white space may stand before the colon. Any other octet there
        // belongs to the name and makes it bad, for two readers would take it for two different fields.
        var nameEnd = colon
        while nameEnd > start, bytes.isBlank(at: nameEnd &- 1) { nameEnd &-= 1 }
        var valueStart = colon &+ 1
        while valueStart < end, bytes[valueStart] <= 0x20 { valueStart &+= 1 }
        var valueEnd = end
        while valueEnd > valueStart, bytes[valueEnd &- 1] <= 0x20 { valueEnd &-= 1 }

        let name = bytes.extracting(start..<nameEnd)
        let id = names.name(of: name)
        if id == .other, !name.isToken { note(.badHeaderName) }
        let value = ByteSlice(start: valueStart, count: valueEnd &- valueStart)
        keep(
            SIPField(
                name: ByteSlice(start: start, count: nameEnd &- start),
                value: value,
                id: id,
                isFolded: isFolded
            ),
            in: bytes
        )
        return next
    }

    /// The end of a field's value, and the start of the line after it (RFC 3261 §7.3.1, folding).
    private mutating func valueEnd(
        _ bytes: Span<UInt8>,
        from start: Int
    ) -> (end: Int, next: Int, isFolded: Bool) {
        var isFolded = false
        var index = bytes.firstControl(from: start)
        while index < bytes.count {
            var next = index &+ 1
            switch bytes[index] {
            case ASCII.carriageReturn where bytes.has(ASCII.lineFeed, at: next):
                next &+= 1
                guard next < bytes.count, bytes.isBlank(at: next) else {
                    return (index, next, isFolded)
                }
                isFolded = true
            case ASCII.lineFeed:
                note(.bareLineBreak)
                guard next < bytes.count, bytes.isBlank(at: next) else {
                    return (index, next, isFolded)
                }
                isFolded = true
            case ASCII.carriageReturn:
                note(.bareLineBreak)
                isFolded = true
            case ASCII.tab:
                break
            default:
                // RFC 3261 §25.1, quoted-pair: a backslash may stand before any of these.
                if index == start || bytes[index &- 1] != ASCII.backslash {
                    note(.controlCharacter)
                }
            }
            index = bytes.firstControl(from: next)
        }
        note(.incompleteHeader)
        return (bytes.count, bytes.count, isFolded)
    }

    private mutating func keep(_ field: SIPField, in bytes: Span<UInt8>) {
        let bit: UInt64 = 1 << UInt64(field.id.rawValue)
        if present & bit == 0 {
            present |= bit
            firstIndex[Int(field.id.rawValue)] = UInt8(truncatingIfNeeded: fields.count)
        } else {
            repeated |= bit
        }
        fields.append(field)
        switch field.id {
        case .contentLength: keepContentLength(bytes.bytes(field.value))
        case .via:
            viaCount &+= 1
            viaCount &+= bytes.occurrences(
                of: ASCII.comma,
                in: field.value.range,
                limit: SIPLimits.viaValues
            )
            if viaCount > SIPLimits.viaValues { note(.tooManyVias) }
        default: break
        }
    }

    /// RFC 3261 §20.14: digits only.
    ///
    /// Two fields that agree are one; two that differ are an attack.
    private mutating func keepContentLength(_ text: Span<UInt8>) {
        guard text.count <= SIPLimits.numberDigits, let value = text.decimal() else {
            note(.badContentLength)
            return
        }
        if let known = contentLength, known != value { note(.conflictingContentLength) }
        contentLength = value
        if value > SIPLimits.messageBytes { note(.bodyTooLarge) }
    }

    /// RFC 3261 §18.3: where the body ends.
    mutating func parseBody(_ bytes: Span<UInt8>, from start: Int, framing: Framing) {
        let available = bytes.count &- start
        var count = contentLength ?? (framing == .datagram ? available : 0)
        if count > available {
            note(.truncatedBody)
            count = available
        }
        body = ByteSlice(start: start, count: count)
        length = start &+ count
        if length > SIPLimits.messageBytes { note(.messageTooLarge) }
    }
}

extension Span where Element == UInt8 {
    @inline(__always)
    func has(_ byte: UInt8, at index: Int) -> Bool { index < count && self[index] == byte }

    /// Space or tab; the caller has made sure that `index` is inside.
    @inline(__always)
    func isBlank(at index: Int) -> Bool { self[index] == ASCII.space || self[index] == ASCII.tab }

    /// Whether these bytes are a `token` (RFC 3261 §25.1).
    var isToken: Bool {
        guard count > 0 else { return false }
        var index = 0
        while index < count {
            guard ASCII.isToken(self[index]) else { return false }
            index &+= 1
        }
        return true
    }
}
