import Primitives

/// Dates and times. `$now()` and `$millis()` are the timestamp of the evaluation.
extension Evaluator {
    func time(_ builtin: Builtin, _ arguments: Arguments) throws(JSONataError) -> JSONValue? {
        switch builtin {
        case .millis: return .number(nowMilliseconds)
        case .now:
            return .string(try formatted(nowMilliseconds, arguments.string(0), arguments.string(1)))
        case .fromMillis:
            guard let milliseconds = arguments.number(0) else { return nil }
            return .string(
                try formatted(milliseconds, arguments.string(1), arguments.string(2))
            )
        default:
            guard let text = arguments.string(0) else { return nil }
            return try parsed(text, arguments.string(1)).map { .number($0) }
        }
    }

    private var nowMilliseconds: Double {
        (Double(timestamp.microseconds) / 1_000).rounded(.down)
    }

    private func formatted(
        _ milliseconds: Double,
        _ picture: String?,
        _ zone: String?
    )
        throws(JSONataError) -> String
    {
        guard DateFields.range.contains(milliseconds) else {
            throw JSONataError(.D3110, value: .number(milliseconds))
        }
        try charge(picture?.utf8.count ?? 0)
        let picture = try DatePicture(picture ?? DatePicture.iso8601)
        let offset = Self.offset(zone)
        return try picture.format(milliseconds: Int(milliseconds), offset: offset)
    }

    private func parsed(_ text: String, _ picture: String?) throws(JSONataError) -> Double? {
        guard let picture else {
            guard let milliseconds = ISO8601.milliseconds(text) else {
                throw JSONataError(.D3110, value: .string(text))
            }
            return milliseconds
        }
        try charge(text.utf8.count + picture.utf8.count)
        let now = DateFields(milliseconds: Int(clamping: nowMilliseconds))
        let milliseconds = try DatePicture(picture).parse(text, now: now) {
            pattern,
            subject throws(JSONataError) in
            try charge(pattern.utf8.count / 4)
            let regex = try? Regex(pattern, isCaseInsensitive: true, isMultiline: false)
            guard let regex else { throw JSONataError(.U1008) }
            return try search(regex, subject, from: 0)
        }
        guard let milliseconds, DateFields.range.contains(milliseconds) else { return nil }
        return milliseconds
    }

    /// Minutes east of UTC of a zone such as `-0500`; 0 for what is no zone.
    private static func offset(_ zone: String?) -> Int {
        let bytes = Array((zone ?? "").utf8)
        var value = 0
        for byte in bytes where byte != 0x2B && byte != 0x2D && byte != ASCII.colon {
            guard ASCII.isDigit(byte), value < 1_000 else { return 0 }
            value = value * 10 + Int(byte - 0x30)
        }
        let minutes = value / 100 * 60 + value % 100
        return bytes.first == 0x2D ? -minutes : minutes
    }
}
