import Primitives

extension DatePicture {
    /// The milliseconds since 1970 that a text says in the form of the picture; nil if it does not
    /// have that form.
    ///
    /// The date comes from `now` when the picture has only a time. `match` finds the groups of a
    /// pattern in the text, or nil.
    func parse(
        _ text: String,
        now: DateFields,
        match: (_ pattern: String, RegexSubject) throws(JSONataError) -> RegexMachine.Match?
    ) throws(JSONataError) -> Double? {
        var pattern = "^"
        for (index, part) in parts.enumerated() {
            guard pattern.utf8.count <= Self.patternByteCountMax else { throw JSONataError(.U1008) }
            switch part {
            case .literal(let text): pattern += "(\(Self.escaped(text)))"
            case .component(let component):
                let isBeforeDigits = index + 1 < parts.count && parts[index + 1].isNumber
                pattern += "(\(try component.pattern(isBeforeDigits: isBeforeDigits)))"
            }
        }
        let subject = RegexSubject(text)
        guard let found = try match(pattern + "$", subject) else { return nil }
        var values: [Character: Int] = [:]
        for (part, group) in zip(parts, found.groups) {
            guard case .component(let component) = part, let group else { continue }
            if let value = try component.parse(subject.units.text(group)) {
                values[component.letter] = value
            }
        }
        guard !values.isEmpty else { return nil }
        return try DateAssembly(values, now: now).milliseconds
    }

    /// Far beyond a picture of every component; a regular expression of this length is too large.
    private static let patternByteCountMax = 16 << 10

    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            if ".*+?^${}()|[]\\".contains(character) { result += "\\" }
            result.append(character)
        }
        return result
    }
}

extension DatePicture.Part {
    /// Whether digits stand here.
    fileprivate var isNumber: Bool {
        guard case .component(let component) = self, component.names == nil,
            case .decimal? = component.integer?.form
        else { return false }
        return !"Zz".contains(component.letter)
    }
}

extension DatePicture.Component {
    /// What the component looks like in a text.
    ///
    /// Digits that more digits follow are as many as the picture has, as in `[Y0001][M01][D01]`.
    fileprivate func pattern(isBeforeDigits: Bool) throws(JSONataError) -> String {
        switch letter {
        case "Z", "z":
            let separator = integer.flatMap { $0.regularDistance > 0 ? $0.separators.first : nil }
            let digits = separator.map { "[-+][0-9]+\\\($0.character)[0-9]+" } ?? "[-+][0-9]+"
            return letter == "z" ? "GMT" + digits : digits
        case "C", "E": return "[a-zA-Z]+"
        default: break
        }
        guard let integer, names == nil else {
            guard "MxFP".contains(letter) else {
                throw JSONataError(.D3133, value: .string(String(letter)))
            }
            return "[a-zA-Z]+"
        }
        switch integer.form {
        case .letters: return "[A-Za-z]+"
        case .roman: return "[MDCLXVImdclxvi]+"
        case .words:
            let words = NumberWords.vocabulary.sorted().joined(separator: "|")
            return "(?:\(words)|and|[-, ])+"
        case .decimal:
            let width = yearDigitCount ?? (isBeforeDigits ? integer.digitCountMin : 0)
            let count = width > 0 ? "{\(width)}" : "+"
            let separators = integer.separators.isEmpty ? "" : "."
            let digits = separators.isEmpty ? "[0-9]\(count)" : "[0-9\(separators),]+"
            return integer.isOrdinal ? digits + "(?:th|st|nd|rd)" : digits
        case .sequence(let name): throw JSONataError(.D3130, value: .string(name))
        }
    }

    fileprivate func parse(_ text: String) throws(JSONataError) -> Int? {
        switch letter {
        case "Z", "z": return zone(letter == "z" ? String(text.dropFirst(3)) : text)
        case "C", "E": return nil
        case "P": return text.lowercased() == "pm" ? 1 : text.lowercased() == "am" ? 0 : nil
        case "f" where names == nil: return fraction(text)
        default: break
        }
        guard let integer, names == nil else { return index(ofName: text) }
        guard let value = try integer.parse(text), value.magnitude < 1e9 else { return nil }
        return Int(value)
    }

    /// The digits after the point, to the millisecond.
    private func fraction(_ text: String) -> Int? {
        var value = 0
        for (index, byte) in text.utf8.enumerated() where index < 3 {
            guard ASCII.isDigit(byte) else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        for _ in text.utf8.count..<max(3, text.utf8.count) { value *= 10 }
        return value
    }

    private func index(ofName text: String) -> Int? {
        let list = letter == "F" ? DateFields.dayNames : DateFields.monthNames
        let wanted = text.lowercased()
        let index = list.firstIndex { name in
            String(name.lowercased().prefix(widthMax ?? name.count)) == wanted
        }
        return index.map { $0 + 1 }
    }

    /// Minutes east of UTC.
    private func zone(_ text: String) -> Int? {
        let isWest = text.hasPrefix("-")
        let digits = text.dropFirst()
        let parts = digits.split { !$0.isASCII || !$0.isNumber }
        guard let first = parts.first, first.count <= 4, let number = Int(first) else { return nil }
        var hours = number
        var minutes = 0
        if parts.count > 1 {
            guard parts[1].count <= 4, let value = Int(parts[1]) else { return nil }
            minutes = value
        } else if first.count > 2 {
            hours = number / 100
            minutes = number % 100
        }
        let offset = hours * 60 + minutes
        return isWest ? -offset : offset
    }
}
