import Primitives

/// The part of a request target that is signed after the public URL: path and query as received.
enum RequestTarget {
    /// Where path and query lie in `target`, or nil when it has neither.
    ///
    /// RFC 9112 §3.2.2: in the absolute form the client names a scheme and an authority too. They are
    /// the client's claim and count for nothing here; the configured URL stands in their place.
    static func path(of target: Span<UInt8>) -> Range<Int>? {
        guard target.count > 0 else { return nil }
        if target[0] == 0x2F { return 0..<target.count }
        guard let colon = target.firstIndex(of: ASCII.colon), colon > 0, colon + 2 < target.count,
            target[colon + 1] == 0x2F, target[colon + 2] == 0x2F
        else { return nil }
        for index in 0..<colon where !ASCII.isLetter(target[index]) { return nil }
        var index = colon + 3
        while index < target.count, target[index] != 0x2F, target[index] != ASCII.question {
            index += 1
        }
        return index < target.count ? index..<target.count : nil
    }

    /// Whether the path is `/`, which some write and others leave out before a query.
    static func isEmptyPath(_ target: Span<UInt8>) -> Bool {
        target.count > 0 && target[0] == 0x2F
            && (target.count == 1 || target[1] == ASCII.question)
    }
}
