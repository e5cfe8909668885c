/// `$contains`, `$split`, `$match` and `$replace`, over texts, regular expressions and any function
/// that yields matches as a regular expression does.
extension Evaluator {
    func matching(_ builtin: Builtin, _ arguments: Arguments) throws(JSONataError) -> JSONValue? {
        guard let subject = arguments.string(0) else { return nil }
        try charge(subject.utf8.count / Self.bytesPerOperation)
        switch builtin {
        case .contains:
            switch arguments[1] {
            case .string(let token): return .bool(subject.offset(of: token) != nil)
            case .function(let matcher):
                return .bool(try match(matcher, [.string(subject)]) != nil)
            default: return nil
            }
        case .split: return try split(subject, arguments)
        case .match: return try matches(subject, arguments)
        default: return .string(try replaced(subject, arguments))
        }
    }

    /// One match of a matcher function.
    private struct Match {
        var text: String
        /// UTF-16 code units.
        var start: Int
        var end: Int
        var groups: JSONArray
        var value: JSONValue
        var next: JSONFunction
    }

    private func match(
        _ matcher: JSONFunction,
        _ arguments: [JSONValue?]
    ) throws(JSONataError)
        -> Match?
    {
        guard let value = try apply(matcher, arguments, context: nil) else { return nil }
        guard case .number(let start)? = value["start"], case .number(let end)? = value["end"],
            case .array(let groups)? = value["groups"], case .function(let next)? = value["next"]
        else { throw JSONataError(.T1010, value: value) }
        return Match(
            text: value["match"]?.stringValue ?? "",
            start: Int(clamping: start),
            end: Int(clamping: end),
            groups: groups,
            value: value,
            next: next
        )
    }

    // MARK: Split

    private func split(
        _ subject: String,
        _ arguments: Arguments
    ) throws(JSONataError)
        -> JSONValue?
    {
        let limit = try limit(arguments, 2, else: .D3020)
        guard case .function(let matcher)? = arguments[1] else {
            guard let separator = arguments.string(1) else { return .array([.string(subject)]) }
            return .array(try split(subject, at: separator, limit: limit))
        }
        var parts = JSONArray()
        guard limit > 0 else { return .array(parts) }
        let units = Array(subject.utf16)
        var start = 0
        var found = try match(matcher, [.string(subject)])
        while let current = found, parts.count < limit {
            parts.append(.string(units.text(from: start, to: current.start)))
            start = current.end
            found = try match(current.next, [])
        }
        if parts.count < limit { parts.append(.string(units.text(from: start, to: units.count))) }
        return .array(parts)
    }

    private func split(
        _ subject: String,
        at separator: String,
        limit: Int
    )
        throws(JSONataError) -> JSONArray
    {
        var parts = JSONArray()
        if separator.isEmpty {
            try charge(min(subject.utf8.count, limit))
            for scalar in subject.unicodeScalars.prefix(limit) {
                parts.append(.string(String(scalar)))
            }
            return parts
        }
        let bytes = Array(subject.utf8)
        let search = TextSearch(separator)
        var start = 0
        while parts.count < limit, let index = search.first(in: bytes, from: start) {
            try charge(1)
            parts.append(.string(String(decoding: bytes[start..<index], as: UTF8.self)))
            start = index + search.pattern.count
        }
        if parts.count < limit {
            parts.append(.string(String(decoding: bytes[start...], as: UTF8.self)))
        }
        return parts
    }

    private func limit(
        _ arguments: Arguments,
        _ index: Int,
        else code: JSONataError.Code
    )
        throws(JSONataError) -> Int
    {
        guard let number = arguments.number(index) else { return .max }
        guard number >= 0 else {
            throw JSONataError(code, value: .number(number), argument: index + 1)
        }
        // `count < limit` with a fraction behaves as if it were rounded up, except in `$split`.
        return Int(clamping: code == .D3020 ? number : number.rounded(.up))
    }

    // MARK: Match

    private func matches(
        _ subject: String,
        _ arguments: Arguments
    ) throws(JSONataError)
        -> JSONValue?
    {
        guard let matcher = arguments.function(1) else { return nil }
        let limit = try limit(arguments, 2, else: .D3040)
        var results = JSONArray([], marks: .sequence)
        guard limit > 0 else { return .array(results) }
        var found = try match(matcher, [.string(subject)])
        while let current = found, results.count < limit {
            var match = JSONObject()
            match["match"] = .string(current.text)
            match["index"] = .number(Double(current.start))
            match["groups"] = .array(current.groups)
            results.append(.object(match))
            found = try self.match(current.next, [])
        }
        return .array(results)
    }

    // MARK: Replace

    private func replaced(
        _ subject: String,
        _ arguments: Arguments
    ) throws(JSONataError)
        -> String
    {
        if case .string("")? = arguments[1] { throw JSONataError(.D3010, argument: 2) }
        let limit = try limit(arguments, 3, else: .D3011)
        guard limit > 0 else { return subject }
        guard case .function(let matcher)? = arguments[1] else {
            guard let pattern = arguments.string(1) else { return subject }
            return try replaced(subject, pattern, arguments[2], limit)
        }
        let units = Array(subject.utf16)
        var result = ""
        var position = 0
        var count = 0
        var found = try match(matcher, [.string(subject)])
        while let current = found, count < limit {
            result += units.text(from: position, to: current.start)
            result += try replacement(arguments[2], current)
            guard result.utf8.count <= remainingByteCount else { throw JSONataError(.U1003) }
            position = current.start &+ current.text.utf16.count
            count += 1
            found = try match(current.next, [])
        }
        return result + units.text(from: position, to: units.count)
    }

    private func replaced(
        _ subject: String,
        _ pattern: String,
        _ replacement: JSONValue?,
        _ limit: Int
    ) throws(JSONataError) -> String {
        let bytes = Array(subject.utf8)
        let search = TextSearch(pattern)
        var result: [UInt8] = []
        var position = 0
        var count = 0
        while count < limit, let index = search.first(in: bytes, from: position) {
            try charge(1)
            guard case .string(let text)? = replacement else {
                throw JSONataError(.D3012, value: replacement)
            }
            result.append(contentsOf: bytes[position..<index])
            result.append(contentsOf: text.utf8)
            guard result.count <= remainingByteCount else { throw JSONataError(.U1003) }
            position = index + search.pattern.count
            count += 1
        }
        result.append(contentsOf: bytes[position...])
        return String(decoding: result, as: UTF8.self)
    }

    private func replacement(_ value: JSONValue?, _ match: Match) throws(JSONataError) -> String {
        switch value {
        case .string(let template): return expanded(template, match)
        case .function(let function):
            guard
                case .string(let text)? = try apply(function, [match.value], context: nil)
            else { throw JSONataError(.D3012, value: value) }
            return text
        default: throw JSONataError(.D3012, value: value)
        }
    }

    /// `$$` is a dollar sign, `$0` the match, `$1` and up its groups: as many digits as there are
    /// groups for, and one less if there is no group of that number.
    private func expanded(_ template: String, _ match: Match) -> String {
        let bytes = Array(template.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            guard byte == 0x24 else {
                result.append(byte)
                continue
            }
            let following = index < bytes.count ? bytes[index] : 0
            if following == 0x24 {
                result.append(0x24)
                index += 1
            } else if following == 0x30 {
                result.append(contentsOf: match.text.utf8)
                index += 1
            } else if let (group, length) = groupNumber(bytes, at: index, match.groups.count) {
                if group <= match.groups.count,
                    case .string(let text) = match.groups[group - 1]
                {
                    result.append(contentsOf: text.utf8)
                }
                index += length
            } else {
                result.append(0x24)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private func groupNumber(_ bytes: [UInt8], at start: Int, _ count: Int) -> (Int, Int)? {
        let most = count == 0 ? 1 : "\(count)".utf8.count
        var digits: [Int] = []
        while digits.count < most, start + digits.count < bytes.count,
            bytes[start + digits.count] &- 0x30 < 10
        {
            digits.append(Int(bytes[start + digits.count] &- 0x30))
        }
        guard !digits.isEmpty else { return nil }
        var number = digits.reduce(0) { $0 * 10 + $1 }
        if number > count, digits.count > 1 {
            digits.removeLast()
            number /= 10
        }
        return number > 0 ? (number, digits.count) : nil
    }

    // MARK: Regular expressions as functions

    func firstMatch(
        _ index: Int32,
        _ subject: RegexSubject,
        from offset: Int
    )
        throws(JSONataError) -> JSONValue?
    {
        let found = try search(tree.regexes[Int(index)], subject, from: offset)
        guard let found else { return nil }
        var groups = JSONArray()
        for group in found.groups {
            groups.append(group.map { .string(subject.units.text($0)) } ?? .null)
        }
        var match = JSONObject()
        match["match"] = .string(subject.units.text(found.range))
        match["start"] = .number(Double(found.range.lowerBound))
        match["end"] = .number(Double(found.range.upperBound))
        match["groups"] = .array(groups)
        match["next"] = function(.nextMatch(index, subject, offset: found.range.upperBound))
        return .object(match)
    }

    /// Searches within what is left of the operations, and charges for it.
    func search(
        _ regex: Regex,
        _ subject: RegexSubject,
        from offset: Int
    ) throws(JSONataError) -> RegexMachine.Match? {
        let steps = Self.regexStepsPerOperation
        let (left, overflow) = remainingOperationCount.multipliedReportingOverflow(by: steps)
        var machine = RegexMachine(regex, stepCountMax: overflow ? .max : left)
        let found = machine.firstMatch(in: subject, from: offset)
        // A search that was stopped has taken more steps than there were operations for.
        try charge(machine.stepCount / steps + 1)
        return found
    }

    func nextMatch(
        _ index: Int32,
        _ subject: RegexSubject,
        from offset: Int
    )
        throws(JSONataError) -> JSONValue?
    {
        guard offset < subject.units.count else { return nil }
        let match = try firstMatch(index, subject, from: offset)
        // It would match the same empty text again and again.
        if case .string("")? = match?["match"] { throw JSONataError(.D1004) }
        return match
    }

    private static let regexStepsPerOperation = 16
}

extension [UInt16] {
    func text(_ range: Range<Int>) -> String {
        text(from: range.lowerBound, to: range.upperBound)
    }

    /// The text between two offsets.
    ///
    /// They may come from a function of the expression: what lies
    /// beyond the ends is cut, and the wrong way round there is nothing between them.
    func text(from start: Int, to end: Int) -> String {
        let first = Swift.min(Swift.max(start, 0), count)
        let last = Swift.min(Swift.max(end, first), count)
        return String(decoding: self[first..<last], as: UTF16.self)
    }
}
