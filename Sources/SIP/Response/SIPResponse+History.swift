import Primitives

extension SIPResponse {
    /// Tells a peer that understands History-Info which way its call has come so far.
    ///
    /// RFC 7044 §8 and §9.4: the entries of the request, and behind them the Request-URI where the last
    /// one is another. Whoever follows a Contact adds that one itself. Nothing is written where the whole
    /// does not fit into `room` octets, for half a history is a wrong one.
    package static func appendHistory(
        of request: SIPMessage,
        in bytes: Span<UInt8>,
        room: Int,
        into out: inout ByteBuffer
    ) {
        guard
            request.namesHistory(in: .supported, bytes) || request.namesHistory(in: .require, bytes)
        else { return }
        let start = out.count
        var last: NameAddress?
        if request.has(.historyInfo) {
            for field in request.fields where field.id == .historyInfo {
                out.appendEcho(of: field, in: bytes)
            }
            var values = request.values(of: .historyInfo)
            while let value = values.next(of: request, in: bytes) {
                last = NameAddress(value, in: bytes)
            }
        }
        if !request.isForCallee(of: last, in: bytes) {
            out.append("History-Info: <")
            out.appendURI(bytes.bytes(request.requestURI))
            out.append(">;index=")
            // RFC 7044 §10.3: the entry of a hop that wrote none is one level below the last.
            if let index = last?.parameter("index", in: bytes), index.isIndex(in: bytes) {
                out.append(bytes.bytes(index.value))
                out.append(".1\r\n")
            } else {
                out.append("1\r\n")
            }
        }
        if out.count - start > room { out.truncate(to: start) }
    }
}

extension SIPMessage {
    fileprivate func namesHistory(in id: HeaderName, _ bytes: Span<UInt8>) -> Bool {
        guard has(id) else { return false }
        var tags = values(of: id)
        while let tag = tags.next(of: self, in: bytes) {
            if bytes.bytes(tag).isEqualIgnoringCase(to: "histinfo") { return true }
        }
        return false
    }

    /// Whether `entry` names the user and host of the Request-URI.
    fileprivate func isForCallee(of entry: NameAddress?, in bytes: Span<UInt8>) -> Bool {
        guard let entry, let named = SIPURI(entry.uri, in: bytes),
            let called = SIPURI(requestURI, in: bytes)
        else { return false }
        return bytes.bytes(named.user).isEqual(to: bytes.bytes(called.user))
            && bytes.bytes(named.host).isEqual(to: bytes.bytes(called.host))
    }
}

extension Parameter {
    /// RFC 7044 §5.1, index-val: digits and dots.
    fileprivate func isIndex(in bytes: Span<UInt8>) -> Bool {
        let text = bytes.bytes(value)
        for index in text.indices where !ASCII.isDigit(text[index]) && text[index] != 0x2E {
            return false
        }
        return text.count > 0
    }
}
