extension IPAddress {
    /// Reads `203.0.113.9`, `2001:db8::1` or `::ffff:203.0.113.9`, without brackets or zone.
    ///
    /// RFC 4291 §2.2; leading zeros in IPv4 octets are refused because readers disagree on them.
    package init?(parsing text: Span<UInt8>) {
        guard text.count <= 45 else { return nil }
        if text.firstIndex(of: ASCII.colon) == nil {
            guard let word = Self.ipv4(text, in: 0..<text.count) else { return nil }
            self.init(ipv4: word)
        } else {
            guard let address = Self.ipv6(text) else { return nil }
            self = address
        }
    }

    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        self.init(parsing: bytes.span)
    }

    private static func ipv4(_ text: Span<UInt8>, in range: Range<Int>) -> UInt32? {
        var word: UInt32 = 0
        var octets = 0
        var value: UInt32 = 0
        var digits = 0
        for index in range {
            let byte = text[index]
            if ASCII.isDigit(byte) {
                if digits > 0, value == 0 { return nil }
                value = value &* 10 &+ UInt32(byte &- 0x30)
                digits += 1
                guard digits <= 3, value <= 255 else { return nil }
            } else {
                guard byte == 0x2E, digits > 0, octets < 3 else { return nil }
                word = word << 8 | value
                octets += 1
                value = 0
                digits = 0
            }
        }
        guard octets == 3, digits > 0 else { return nil }
        return word << 8 | value
    }

    private static func ipv6(_ text: Span<UInt8>) -> IPAddress? {
        var groups = InlineArray<8, UInt16>(repeating: 0)
        var count = 0
        var gap: Int?
        var index = 0
        while index < text.count {
            if text[index] == ASCII.colon {
                // "::" once, and a single colon only between two groups.
                if index + 1 < text.count, text[index + 1] == ASCII.colon {
                    guard gap == nil else { return nil }
                    gap = count
                    index += 2
                    continue
                }
                guard index > 0, count > 0, index + 1 < text.count,
                    text[index - 1] != ASCII.colon
                else { return nil }
                index += 1
            }
            var value: UInt32 = 0
            let start = index
            while index < text.count, let nibble = ASCII.hexValue(text[index]), index - start < 4 {
                value = value << 4 | UInt32(nibble)
                index += 1
            }
            if index < text.count, text[index] == 0x2E {
                guard count <= 6, let word = ipv4(text, in: start..<text.count) else { return nil }
                groups[count] = UInt16(truncatingIfNeeded: word >> 16)
                groups[count + 1] = UInt16(truncatingIfNeeded: word)
                count += 2
                index = text.count
                break
            }
            guard index > start, count < 8 else { return nil }
            groups[count] = UInt16(truncatingIfNeeded: value)
            count += 1
            guard index == text.count || text[index] == ASCII.colon else { return nil }
        }
        if let gap {
            guard count < 8 else { return nil }
            let moved = count - gap
            for offset in 0..<moved {
                groups[7 - offset] = groups[count - 1 - offset]
            }
            for position in gap..<(8 - moved) { groups[position] = 0 }
        } else if count != 8 {
            return nil
        }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for position in 0..<4 { high = high << 16 | UInt64(groups[position]) }
        for position in 4..<8 { low = low << 16 | UInt64(groups[position]) }
        return IPAddress(high: high, low: low)
    }
}

extension IPAddress: CustomStringConvertible {
    package var description: String {
        var buffer = ByteBuffer(capacity: 45)
        buffer.append(self)
        return buffer.text
    }
}

extension IPEndpoint: CustomStringConvertible {
    /// `203.0.113.9:5060` or `[2001:db8::1]:5060`.
    package var description: String {
        var buffer = ByteBuffer(capacity: 54)
        buffer.append(self)
        return buffer.text
    }

    /// Reads what `description` writes.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard let colon = bytes.lastIndex(of: ASCII.colon),
            let port = bytes.span.extracting((colon + 1)..<bytes.count).decimal(limit: 65_535)
        else { return nil }
        var host = bytes.span.extracting(0..<colon)
        if host.count >= 2, host[0] == 0x5B, host[host.count - 1] == 0x5D {
            host = host.extracting(1..<(host.count - 1))
        } else if host.firstIndex(of: ASCII.colon) != nil {
            return nil
        }
        guard let address = IPAddress(parsing: host) else { return nil }
        self.init(address: address, port: UInt16(truncatingIfNeeded: port))
    }
}

extension ByteBuffer {
    /// The address without brackets, as `received` wants it; IPv6 in RFC 5952's form.
    package mutating func append(_ address: IPAddress) {
        guard !address.isIPv4 else {
            var shift: UInt64 = 32
            while shift > 0 {
                shift -= 8
                appendDecimal(Int((address.low >> shift) & 0xFF))
                if shift > 0 { append(0x2E) }
            }
            return
        }
        let gap = address.longestZeroRun
        var position = 0
        while position < 8 {
            if position == gap.lowerBound, gap.count > 1 {
                append(position == 0 ? "::" : ":")
                position = gap.upperBound
                continue
            }
            appendGroup(address.group(position))
            position += 1
            if position < 8 { append(ASCII.colon) }
        }
    }

    /// The address with brackets around IPv6, and the port.
    package mutating func append(_ endpoint: IPEndpoint) {
        appendHost(endpoint.address)
        append(ASCII.colon)
        appendDecimal(Int(endpoint.port))
    }

    /// The address as a host in a URI or a Via: IPv6 stands in brackets.
    package mutating func appendHost(_ address: IPAddress) {
        if address.isIPv4 {
            append(address)
        } else {
            append(0x5B)
            append(address)
            append(0x5D)
        }
    }

    private mutating func appendGroup(_ group: UInt16) {
        let digits = group > 0xFFF ? 4 : group > 0xFF ? 3 : group > 0xF ? 2 : 1
        appendHex(UInt64(group), digits: digits)
    }
}

extension IPAddress {
    fileprivate func group(_ position: Int) -> UInt16 {
        let word = position < 4 ? high : low
        return UInt16(truncatingIfNeeded: word >> UInt64((3 - position % 4) * 16))
    }

    /// The first of the longest runs of zero groups (RFC 5952 §4.2.3).
    fileprivate var longestZeroRun: Range<Int> {
        var best = 0..<0
        var start = 0
        for position in 0...8 where position == 8 || group(position) != 0 {
            if position - start > best.count { best = start..<position }
            start = position + 1
        }
        return best
    }
}
