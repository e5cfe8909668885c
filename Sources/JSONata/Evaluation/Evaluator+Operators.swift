extension Evaluator {
    @inline(never)
    func binary(
        _ symbol: Node.Operator,
        _ left: NodeID,
        _ right: NodeID,
        _ node: Node,
        _ input: JSONValue?,
        _ frame: Frame
    ) throws(JSONataError) -> JSONValue? {
        let first = try evaluate(left, input, frame)
        switch symbol {
        case .and:
            guard truth(first) else { return .bool(false) }
            return .bool(truth(try evaluate(right, input, frame)))
        case .or:
            guard !truth(first) else { return .bool(true) }
            return .bool(truth(try evaluate(right, input, frame)))
        default: break
        }
        let second = try evaluate(right, input, frame)
        do throws(JSONataError) {
            return try operate(symbol, first, second)
        } catch {
            var error = error
            error.position = error.position ?? Int(node.position)
            error.token = error.token ?? symbol.symbol
            throw error
        }
    }

    /// The value of an operator other than `and` and `or` over those of its sides.
    func operate(
        _ symbol: Node.Operator,
        _ left: JSONValue?,
        _ right: JSONValue?
    )
        throws(JSONataError) -> JSONValue?
    {
        switch symbol {
        case .add, .subtract, .multiply, .divide, .remainder:
            return try arithmetic(symbol, left, right)
        case .equal, .notEqual:
            guard let left, let right else { return .bool(false) }
            try charge(left.weight / Self.weightPerOperation)
            return .bool((left == right) == (symbol == .equal))
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            return try compare(symbol, left, right)
        case .concatenate:
            var result = ""
            for case let side? in [left, right] { result += try text(of: side) }
            return try made(.string(result))
        case .contains: return .bool(try contains(left, right))
        case .range: return try range(left, right)
        case .and, .or: return nil
        }
    }

    /// Whether a number can be calculated with; an infinite one cannot (D1001).
    func isNumeric(_ number: Double) throws(JSONataError) -> Bool {
        if number.isInfinite {
            throw JSONataError(.D1001, value: .string(NumberText.text(number)))
        }
        return !number.isNaN
    }

    private func arithmetic(
        _ symbol: Node.Operator,
        _ left: JSONValue?,
        _ right: JSONValue?
    )
        throws(JSONataError) -> JSONValue?
    {
        let first = try left.map { value throws(JSONataError) in try number(value, else: .T2001) }
        let second = try right.map { value throws(JSONataError) in try number(value, else: .T2002) }
        guard let first, let second else { return nil }
        switch symbol {
        case .add: return .number(first + second)
        case .subtract: return .number(first - second)
        case .multiply: return .number(first * second)
        case .divide: return .number(first / second)
        default: return .number(first.truncatingRemainder(dividingBy: second))
        }
    }

    private func number(
        _ value: JSONValue,
        else code: JSONataError.Code
    ) throws(JSONataError)
        -> Double
    {
        guard case .number(let number) = value, try isNumeric(number) else {
            throw JSONataError(code, value: value)
        }
        return number
    }

    private func compare(
        _ symbol: Node.Operator,
        _ left: JSONValue?,
        _ right: JSONValue?
    )
        throws(JSONataError) -> JSONValue?
    {
        for side in [left, right] {
            guard let side else { continue }
            guard side.isComparable else { throw JSONataError(.T2010, value: side) }
        }
        switch (left, right) {
        case (nil, _), (_, nil): return nil
        case (.number(let left), .number(let right)):
            switch symbol {
            case .less: return .bool(left < right)
            case .lessOrEqual: return .bool(left <= right)
            case .greater: return .bool(left > right)
            default: return .bool(left >= right)
            }
        case (.string(let left), .string(let right)):
            switch symbol {
            case .less: return .bool(left.precedes(right))
            case .lessOrEqual: return .bool(!right.precedes(left))
            case .greater: return .bool(right.precedes(left))
            default: return .bool(!left.precedes(right))
            }
        default: throw JSONataError(.T2009, value: left)
        }
    }

    private func contains(_ left: JSONValue?, _ right: JSONValue?) throws(JSONataError) -> Bool {
        guard let left, let right else { return false }
        guard case .array(let array) = right else { return left == right }
        try charge(array.count + Int(array.weight) / Self.weightPerOperation)
        return array.elements.contains(left)
    }

    private func range(
        _ left: JSONValue?,
        _ right: JSONValue?
    ) throws(JSONataError)
        -> JSONValue?
    {
        let first = try left.map { value throws(JSONataError) in try whole(value, else: .T2003) }
        let last = try right.map { value throws(JSONataError) in try whole(value, else: .T2004) }
        guard let first, let last, first <= last else { return nil }
        let count = last - first + 1
        guard count <= Self.rangeCountMax else {
            throw JSONataError(.D2014, value: .number(count))
        }
        try charge(Int(count))
        try charge(bytes: Int(count) * Self.elementByteCount)
        var numbers: [JSONValue] = []
        numbers.reserveCapacity(Int(count))
        for offset in 0..<Int(count) { numbers.append(.number(first + Double(offset))) }
        return .array(JSONArray(scalars: numbers, marks: .sequence))
    }

    private func whole(
        _ value: JSONValue,
        else code: JSONataError.Code
    ) throws(JSONataError)
        -> Double
    {
        guard case .number(let number) = value, number.isFinite,
            number.rounded(.towardZero) == number
        else { throw JSONataError(code, value: value) }
        return number
    }

    @inline(never)
    func negated(
        _ operand: NodeID,
        _ node: Node,
        _ input: JSONValue?,
        _ frame: Frame
    )
        throws(JSONataError) -> JSONValue?
    {
        guard let value = try evaluate(operand, input, frame) else { return nil }
        guard case .number(let number) = value, try isNumeric(number) else {
            throw JSONataError(.D1002, position: Int(node.position), token: "-", value: value)
        }
        return .number(-number)
    }

    /// Values compared in one operation.
    static let weightPerOperation = 16
    /// The reference's limit; ours on operations and bytes are lower unless they are raised.
    private static let rangeCountMax = 1e7
}

extension JSONValue {
    /// Numbers and strings have an order.
    var isComparable: Bool {
        switch self {
        case .number, .string: true
        default: false
        }
    }
}

/// The truth of a value: false for nothing, null, 0, "", functions, empty objects, and arrays without
/// a true element.
func truth(_ value: JSONValue?) -> Bool {
    switch value {
    case nil, .null, .function: false
    case .bool(let flag): flag
    case .number(let number): number != 0 && !number.isNaN
    case .string(let text): !text.isEmpty
    case .array(let array): array.elements.contains { truth($0) }
    case .object(let object): !object.isEmpty
    }
}
