/// The functions of the language's library, with the signatures that the reference documents.
enum Builtin: Int16, CaseIterable {
    case string, length, substring, substringBefore, substringAfter, uppercase, lowercase, trim
    case pad, contains, split, join, match, replace
    case base64encode, base64decode
    case encodeUrlComponent, encodeUrl, decodeUrlComponent, decodeUrl
    case number, abs, floor, ceil, round, power, sqrt, random
    case formatNumber, formatBase, formatInteger, parseInteger
    case sum, max, min, average, count
    case boolean, not, exists
    case append, sort, reverse, shuffle, distinct, zip
    case keys, lookup, spread, merge, each, sift, error, assert, type, clone
    case map, filter, single, reduce
    case now, millis, fromMillis, toMillis
    case eval

    init?(name: String) {
        guard let builtin = Self.byName[name] else { return nil }
        self = builtin
    }

    var signature: Signature { Self.signatures[Int(rawValue)] }

    /// How many parameters the function declares; a repeated one does not count.
    var parameterCount: Int {
        switch self {
        case .random, .millis, .zip: 0
        case .substring, .pad, .match, .split, .formatNumber, .reduce, .fromMillis: 3
        case .replace: 4
        case .substringBefore, .substringAfter, .contains, .join, .formatBase, .formatInteger,
            .parseInteger, .round, .power, .map, .filter, .single, .sift, .lookup, .append, .each,
            .assert, .sort, .eval, .toMillis, .now:
            2
        default: 1
        }
    }

    private var signatureText: String {
        switch self {
        case .string: "<x-b?:s>"
        case .length: "<s-:n>"
        case .substring: "<s-nn?:s>"
        case .substringBefore, .substringAfter: "<s-s:s>"
        case .uppercase, .lowercase, .trim, .base64encode, .base64decode: "<s-:s>"
        case .encodeUrlComponent, .encodeUrl, .decodeUrlComponent, .decodeUrl: "<s-:s>"
        case .pad: "<s-ns?:s>"
        case .contains: "<s-(sf):b>"
        case .split: "<s-(sf)n?:a<s>>"
        case .join: "<a<s>s?:s>"
        case .match: "<s-f<s:o>n?:a<o>>"
        case .replace: "<s-(sf)(sf)n?:s>"
        case .number: "<(nsb)-:n>"
        case .abs, .floor, .ceil, .sqrt: "<n-:n>"
        case .round: "<n-n?:n>"
        case .power: "<n-n:n>"
        case .random, .millis: "<:n>"
        case .formatNumber: "<n-so?:s>"
        case .formatBase: "<n-n?:s>"
        case .formatInteger: "<n-s:s>"
        case .parseInteger: "<s-s:n>"
        case .sum, .max, .min, .average: "<a<n>:n>"
        case .count: "<a:n>"
        case .boolean, .not: "<x-:b>"
        case .exists: "<x:b>"
        case .append: "<xx:a>"
        case .sort: "<af?:a>"
        case .reverse, .shuffle: "<a:a>"
        case .distinct: "<x:x>"
        case .zip: "<a+>"
        case .keys: "<x-:a<s>>"
        case .lookup: "<x-s:x>"
        case .spread: "<x-:a<o>>"
        case .merge: "<a<o>:o>"
        case .each: "<o-f:a>"
        case .sift: "<o-f?:o>"
        case .error: "<s?:x>"
        case .assert: "<bs?:x>"
        case .type: "<x:s>"
        case .clone: "<(oa)-:o>"
        case .map, .filter: "<af>"
        case .single: "<af?>"
        case .reduce: "<afj?:j>"
        case .now: "<s?s?:s>"
        case .fromMillis: "<n-s?s?:s>"
        case .toMillis: "<s-s?:n>"
        case .eval: "<sx?:x>"
        }
    }

    private static let byName: [String: Builtin] = {
        var names: [String: Builtin] = [:]
        for builtin in allCases { names["\(builtin)"] = builtin }
        return names
    }()

    private static let signatures: [Signature] = allCases.compactMap {
        try? Signature($0.signatureText)
    }
}

/// The arguments of a library function, one for each parameter, already checked by its signature.
struct Arguments {
    let values: [JSONValue?]

    subscript(index: Int) -> JSONValue? {
        index < values.count ? values[index] : nil
    }

    func string(_ index: Int) -> String? { self[index]?.stringValue }
    func number(_ index: Int) -> Double? { self[index]?.numberValue }
    func bool(_ index: Int) -> Bool? { self[index]?.boolValue }
    func array(_ index: Int) -> JSONArray? { self[index]?.arrayValue }
    func object(_ index: Int) -> JSONObject? { self[index]?.objectValue }

    func function(_ index: Int) -> JSONFunction? {
        guard case .function(let function)? = self[index] else { return nil }
        return function
    }
}
