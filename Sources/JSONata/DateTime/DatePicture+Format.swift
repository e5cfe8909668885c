extension DatePicture {
    /// The time as the picture shows it.
    ///
    /// `milliseconds` count from 1970 and are within `DateFields.range`; `offset` is that of the time
    /// zone, in minutes east of UTC.
    func format(milliseconds: Int, offset: Int) throws(JSONataError) -> String {
        let fields = DateFields(milliseconds: milliseconds + offset * 60_000)
        var result = ""
        for part in parts {
            switch part {
            case .literal(let text): result += text
            case .component(let component):
                result += try component.format(fields, offset: offset)
            }
        }
        return result
    }
}

extension DatePicture.Component {
    fileprivate func format(_ fields: DateFields, offset: Int) throws(JSONataError) -> String {
        switch letter {
        case "Z", "z": return try zone(offset)
        case "C", "E": return "ISO"
        case "P": return cased(fields.value("P") == 1 ? "pm" : "am")
        default: break
        }
        guard var value = fields.value(letter) else { return "" }
        if names != nil { return try name(value) }
        if let count = yearDigitCount, count < 9 {
            var bound = 1
            for _ in 0..<count { bound *= 10 }
            value %= bound
        }
        return try integer?.format(Double(value)) ?? ""
    }

    private func name(_ value: Int) throws(JSONataError) -> String {
        let list: [String]
        switch letter {
        case "M", "x": list = DateFields.monthNames
        case "F": list = DateFields.dayNames
        default: throw JSONataError(.D3133, value: .string(String(letter)))
        }
        guard list.indices.contains(value - 1) else { return "" }
        let name = cased(list[value - 1])
        return widthMax.map { String(name.prefix($0)) } ?? name
    }

    private func cased(_ name: String) -> String {
        switch names {
        case .upper: name.uppercased()
        case .lower: name.lowercased()
        default: name
        }
    }

    /// F&O 3.1, §9.8.4.6.
    private func zone(_ offset: Int) throws(JSONataError) -> String {
        if offset == 0, isTraditional { return "Z" }
        guard let integer else { return "" }
        let hours = offset / 60
        let minutes = offset % 60
        var text: String
        switch integer.digitCountMin {
        case _ where integer.regularDistance > 0, 3, 4:
            text = try integer.format(Double(hours * 100 + minutes))
        case 1, 2:
            text = try integer.format(Double(hours))
            if minutes != 0 {
                let padding = minutes.magnitude < 10 ? "0" : ""
                text += ":\(padding)\(minutes.magnitude)"
            }
            if hours == 0, offset < 0 { text = "-" + text }
        default:
            throw JSONataError(.D3134, value: .number(Double(integer.digitCountMin)))
        }
        if offset >= 0 { text = "+" + text }
        return letter == "z" ? "GMT" + text : text
    }
}
