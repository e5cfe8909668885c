import Primitives

/// String functions. Positions and lengths count code points, as in the reference.
extension Evaluator {
    func text(_ builtin: Builtin, _ arguments: Arguments) throws(JSONataError) -> JSONValue? {
        if builtin == .string {
            guard let value = arguments[0] else { return nil }
            return .string(try text(of: value, isPretty: arguments.bool(1) ?? false))
        }
        if builtin == .join { return try joined(arguments) }
        guard let subject = arguments.string(0) else { return nil }
        try charge(subject.utf8.count / Self.bytesPerOperation)
        switch builtin {
        case .length: return .number(Double(subject.unicodeScalars.count))
        case .substring: return .string(substring(subject, arguments))
        case .substringBefore:
            guard let index = subject.offset(of: arguments.string(1)) else {
                return .string(subject)
            }
            return .string(String(decoding: subject.utf8.prefix(index), as: UTF8.self))
        case .substringAfter:
            guard let separator = arguments.string(1), let index = subject.offset(of: separator)
            else { return .string(subject) }
            let rest = subject.utf8.dropFirst(index + separator.utf8.count)
            return .string(String(decoding: rest, as: UTF8.self))
        case .uppercase: return .string(subject.uppercased())
        case .lowercase: return .string(subject.lowercased())
        case .trim: return .string(trimmed(subject))
        default: return .string(try padded(subject, arguments))
        }
    }

    /// A value as text: strings as they are, functions as nothing, everything else as JSON with
    /// numbers of at most 15 digits.
    func text(of value: JSONValue, isPretty: Bool = false) throws(JSONataError) -> String {
        switch value {
        case .string(let text): return text
        case .function: return ""
        case .number(let number):
            guard number.isFinite else { throw JSONataError(.D3001, value: value) }
            return NumberText.text(NumberText.roundedTo15Digits(number))
        default:
            try weigh(value)
            var buffer = ByteBuffer()
            var writer = JSONWriter(isPretty: isPretty, roundsNumbers: true)
            writer.append(unwrapped(value), to: &buffer, indent: 0)
            guard !writer.metInfinity else { throw JSONataError(.D1001, value: value) }
            try charge(buffer.count / Self.bytesPerOperation)
            return buffer.text
        }
    }

    private func substring(_ subject: String, _ arguments: Arguments) -> String {
        // Where each code point is one octet, positions are offsets.
        let isASCII = subject.utf8Span.isKnownASCII
        let scalarCount = isASCII ? subject.utf8.count : subject.unicodeScalars.count
        let count = Double(scalarCount)
        var start = arguments.number(1) ?? 0
        if start < -count { start = 0 }
        var end = count
        if let length = arguments.number(2) {
            // A length counts from a start; without one there is nothing to count from.
            guard length > 0, arguments[1] != nil else { return "" }
            end = start >= 0 ? start + length : count + start + length
        }
        let first = bounded(start, count: scalarCount)
        let last = bounded(end, count: scalarCount)
        guard first < last else { return "" }
        if isASCII {
            let octets = subject.utf8
            let from = octets.index(octets.startIndex, offsetBy: first)
            return String(subject[from..<octets.index(from, offsetBy: last - first)])
        }
        let scalars = subject.unicodeScalars.dropFirst(first).prefix(last - first)
        return String(String.UnicodeScalarView(scalars))
    }

    /// A position as JavaScript's `slice` takes it: from the end if negative, and within the ends.
    private func bounded(_ position: Double, count: Int) -> Int {
        let index = Int(clamping: position)
        return min(max(index < 0 ? index + count : index, 0), count)
    }

    /// Runs of white space become one space; none stay at the ends.
    private func trimmed(_ subject: String) -> String {
        var result: [UInt8] = []
        var isSpacePending = false
        for byte in subject.utf8 {
            switch byte {
            case ASCII.space, ASCII.tab, ASCII.lineFeed, ASCII.carriageReturn:
                isSpacePending = !result.isEmpty
            default:
                if isSpacePending { result.append(ASCII.space) }
                isSpacePending = false
                result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private func padded(_ subject: String, _ arguments: Arguments) throws(JSONataError) -> String {
        let width = Int(clamping: arguments.number(1) ?? 0)
        let missing = Int(width.magnitude) - subject.unicodeScalars.count
        guard missing > 0 else { return subject }
        try charge(bytes: missing)
        var filler = Array((arguments.string(2) ?? " ").unicodeScalars)
        if filler.isEmpty { filler = [" "] }
        var padding = String.UnicodeScalarView()
        for index in 0..<missing { padding.append(filler[index % filler.count]) }
        return width > 0 ? subject + String(padding) : String(padding) + subject
    }

    private func joined(_ arguments: Arguments) throws(JSONataError) -> JSONValue? {
        guard let array = arguments.array(0) else { return nil }
        try charge(array.count)
        let separator = arguments.string(1) ?? ""
        var result = ""
        for (index, element) in array.elements.enumerated() {
            if index > 0 { result += separator }
            result += element.stringValue ?? ""
            guard result.utf8.count <= remainingByteCount else { throw JSONataError(.U1003) }
        }
        return .string(result)
    }

    /// Octets of text that one operation stands for.
    static let bytesPerOperation = 64
}

extension String {
    /// The first offset, in octets, at which `pattern` occurs (Knuth, Morris, Pratt 1977: linear).
    func offset(of pattern: String?) -> Int? {
        guard let pattern else { return nil }
        let length = pattern.utf8.count
        guard length <= Self.shortPatternByteCount else {
            return TextSearch(pattern).first(in: Array(utf8), from: 0)
        }
        // A short pattern is not worth a table: comparing it everywhere is linear too.
        let text = utf8Span.span
        let wanted = pattern.utf8Span.span
        var start = 0
        while start &+ length <= text.count {
            var matched = 0
            while matched < length, text[start &+ matched] == wanted[matched] { matched &+= 1 }
            if matched == length { return start }
            start &+= 1
        }
        return nil
    }

    private static var shortPatternByteCount: Int { 16 }
}

/// A text to look for in others.
struct TextSearch {
    let pattern: [UInt8]
    /// For each prefix of the pattern the length of its longest proper border.
    private var borders: [Int]

    init(_ text: String) {
        pattern = Array(text.utf8)
        borders = [Int](repeating: 0, count: pattern.count)
        var length = 0
        for index in pattern.indices.dropFirst() {
            while length > 0, pattern[index] != pattern[length] { length = borders[length - 1] }
            if pattern[index] == pattern[length] { length += 1 }
            borders[index] = length
        }
    }

    func first(in subject: [UInt8], from start: Int) -> Int? {
        guard !pattern.isEmpty else { return start <= subject.count ? start : nil }
        var length = 0
        var index = start
        while index < subject.count {
            while length > 0, subject[index] != pattern[length] { length = borders[length - 1] }
            if subject[index] == pattern[length] { length += 1 }
            index += 1
            if length == pattern.count { return index - length }
        }
        return nil
    }
}
