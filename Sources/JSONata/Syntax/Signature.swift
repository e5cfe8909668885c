/// The types of a function's parameters, such as `<s-n?:s>`: checks the arguments of a call, puts the
/// context in for a missing one (`-`) and makes arrays of single values where arrays are expected.
struct Signature: Sendable {
    private(set) var parameters: [Parameter] = []
    /// What each parameter takes, if each takes one argument as it is; otherwise empty.
    private(set) var plainTypes: [Types] = []

    struct Parameter: Sendable {
        /// The types that it takes.
        var accepted: Types
        var isOptional = false
        var isRepeated = false
        var takesContext = false
        var isArray = false
        /// The type of an array's elements, as written; nil for any.
        var element: String?
        var takesSubtype = false
    }

    /// The types that a signature tells apart; a missing argument has a type of its own.
    struct Types: OptionSet {
        let rawValue: UInt8
        static let array = Types(rawValue: 1)
        static let string = Types(rawValue: 2)
        static let number = Types(rawValue: 4)
        static let bool = Types(rawValue: 8)
        static let null = Types(rawValue: 16)
        static let object = Types(rawValue: 32)
        static let function = Types(rawValue: 64)
        static let missing = Types(rawValue: 128)
        static let any = Types(rawValue: 255)

        init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        init(of value: JSONValue?) {
            self =
                switch value {
                case nil: .missing
                case .null: .null
                case .bool: .bool
                case .number: .number
                case .string: .string
                case .array: .array
                case .object: .object
                case .function: .function
                }
        }

        /// The type of a letter in a signature, or nil for any other character.
        init?(letter: Character) {
            switch letter {
            case "a": self = .array
            case "s": self = .string
            case "n": self = .number
            case "b": self = .bool
            case "l": self = .null
            case "o": self = .object
            case "f": self = .function
            default: return nil
            }
        }
    }

    /// Reads `<…>`; the position in an error counts from the opening bracket.
    init(_ text: String) throws(JSONataError) {
        let letters = Array(text)
        var index = 1
        while index < letters.count, letters[index] != ":" {
            guard parameters.count <= Self.parameterCountMax else {
                throw JSONataError(.U1005, position: index)
            }
            switch letters[index] {
            case "(":
                let end = Self.closing(")", opening: "(", in: letters, after: index)
                try appendChoice(letters[(index + 1)..<max(end, index + 1)], at: index)
                index = end
            case "<":
                guard let last = parameters.indices.last, parameters[last].takesSubtype else {
                    throw JSONataError(.S0401, position: index)
                }
                let end = Self.closing(">", opening: "<", in: letters, after: index)
                parameters[last].element = String(letters[(index + 1)..<max(end, index + 1)])
                index = end
            case let letter: append(letter)
            }
            index += 1
        }
        if !parameters.contains(where: { $0.isArray || $0.isRepeated }) {
            plainTypes = parameters.map(\.accepted)
        }
    }

    private static let parameterCountMax = 32

    private mutating func append(_ letter: Character) {
        let last = parameters.count - 1
        switch letter {
        case "a":
            parameters.append(Parameter(accepted: .any, isArray: true, takesSubtype: true))
        case "f": parameters.append(Parameter(accepted: .function, takesSubtype: true))
        case "j": parameters.append(Parameter(accepted: Types.any.subtracting(.function)))
        case "x": parameters.append(Parameter(accepted: .any))
        case "-" where last >= 0:
            parameters[last].takesContext = true
            parameters[last].isOptional = true
        case "?" where last >= 0: parameters[last].isOptional = true
        case "+" where last >= 0: parameters[last].isRepeated = true
        default:
            guard let type = Types(letter: letter) else { return }
            parameters.append(Parameter(accepted: [type, .missing]))
        }
    }

    private mutating func appendChoice(
        _ letters: ArraySlice<Character>,
        at index: Int
    )
        throws(JSONataError)
    {
        guard !letters.contains("<") else {
            throw JSONataError(.S0402, position: index, value: .string(String(letters)))
        }
        var accepted: Types = .missing
        for letter in letters { accepted.formUnion(Types(letter: letter) ?? []) }
        parameters.append(Parameter(accepted: accepted))
    }

    private static func closing(
        _ close: Character,
        opening open: Character,
        in letters: [Character],
        after start: Int
    ) -> Int {
        var depth = 1
        var index = start + 1
        while index < letters.count {
            if letters[index] == close { depth -= 1 }
            if letters[index] == open { depth += 1 }
            if depth == 0 { return index }
            index += 1
        }
        return letters.count
    }
}
