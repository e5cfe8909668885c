/// Numeric functions.
extension Evaluator {
    func numeric(_ builtin: Builtin, _ arguments: Arguments) throws(JSONataError) -> JSONValue? {
        switch builtin {
        case .random: return .number(draw { $0.nextFraction() })
        case .number: return try number(arguments[0])
        case .parseInteger:
            guard let text = arguments.string(0), let picture = arguments.string(1) else {
                return nil
            }
            try charge(text.utf8.count + picture.utf8.count)
            return try IntegerPicture(picture).parse(text).map { .number($0) }
        default: break
        }
        guard let number = arguments.number(0) else { return nil }
        switch builtin {
        case .abs: return .number(number.magnitude)
        case .floor: return .number(number.rounded(.down))
        case .ceil: return .number(number.rounded(.up) + 0)
        case .round:
            return .number(
                Rounding.halfEven(number, places: Int(clamping: arguments.number(1) ?? 0))
            )
        case .power:
            let exponent = arguments.number(1)
            guard let result = exponent.map({ Power.power(number, $0) }), result.isFinite else {
                throw JSONataError(.D3061, value: .number(number), argument: 1)
            }
            return .number(result)
        case .sqrt:
            guard number >= 0 else {
                throw JSONataError(.D3060, value: .number(number), argument: 1)
            }
            return .number(number.squareRoot())
        case .formatBase: return .string(try formatted(number, base: arguments.number(1)))
        case .formatInteger:
            guard let picture = arguments.string(1) else { return nil }
            try charge(picture.utf8.count)
            return .string(try IntegerPicture(picture).format(number.rounded(.down)))
        default:
            let picture = arguments.string(1) ?? ""
            try charge(picture.utf8.count)
            let format = try NumberPicture(picture, options: arguments.object(2))
            return .string(format.format(number))
        }
    }

    private func number(_ value: JSONValue?) throws(JSONataError) -> JSONValue? {
        switch value {
        case nil: return nil
        case .number: return value
        case .bool(let flag): return .number(flag ? 1 : 0)
        case .string(let text):
            try charge(text.utf8.count / Self.bytesPerOperation)
            if let number = NumberText.number(text) { return .number(number) }
            throw JSONataError(.D3030, value: value, argument: 1)
        default: throw JSONataError(.D3030, value: value, argument: 1)
        }
    }

    private func formatted(_ number: Double, base: Double?) throws(JSONataError) -> String {
        let value = Rounding.halfEven(number, places: 0)
        let base = Rounding.halfEven(base ?? 10, places: 0)
        guard base >= 2, base <= 36 else {
            throw JSONataError(.D3100, value: .number(base))
        }
        guard value.isFinite else { throw JSONataError(.D3001, value: .number(number)) }
        return Rounding.text(value, base: Int(base))
    }
}
