/// A JSON value (RFC 8259) that keeps the order of its objects' members.
///
/// Numbers are doubles, as in JavaScript. Text is compared octet by octet, never by Unicode
/// equivalence. The type is a value: copies share memory until one of them is changed.
package enum JSONValue: Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array(JSONArray)
    case object(JSONObject)
    /// A function of the expression language. It exists only while an expression is evaluated:
    /// no parser makes one and no evaluation returns one.
    case function(JSONFunction)
}

/// The name of a function that lives in a running evaluation.
package struct JSONFunction: Hashable, Sendable {
    let index: Int32

    init(index: Int) {
        self.index = Int32(truncatingIfNeeded: index)
    }
}

extension JSONValue {
    /// The member `key` of an object; nil for a missing member and for anything else than an object.
    package subscript(key: String) -> JSONValue? {
        guard case .object(let object) = self else { return nil }
        return object[key]
    }

    /// The element at `index` of an array; nil beyond its ends and for anything else than an array.
    package subscript(index: Int) -> JSONValue? {
        guard case .array(let array) = self, array.indices.contains(index) else { return nil }
        return array[index]
    }

    package var isNull: Bool {
        if case .null = self { return true }
        return false
    }

    package var boolValue: Bool? {
        if case .bool(let value) = self { return value }
        return nil
    }

    package var numberValue: Double? {
        if case .number(let value) = self { return value }
        return nil
    }

    /// The number as an integer, if it is whole and below 2⁵³ in magnitude.
    package var integerValue: Int? {
        guard case .number(let value) = self, value.rounded(.towardZero) == value,
            value.magnitude <= 9_007_199_254_740_992
        else { return nil }
        return Int(value)
    }

    package var stringValue: String? {
        if case .string(let value) = self { return value }
        return nil
    }

    package var arrayValue: JSONArray? {
        if case .array(let value) = self { return value }
        return nil
    }

    package var objectValue: JSONObject? {
        if case .object(let value) = self { return value }
        return nil
    }

    /// How deep arrays and objects are nested: 0 for a scalar, 1 for `[]`.
    ///
    /// An upper bound: it does not shrink when a member is removed. 255 means at least that.
    package var depth: Int {
        switch self {
        case .array(let array): array.depth
        case .object(let object): object.depth
        default: 0
        }
    }
}

extension JSONValue {
    /// How much there is to write, in units of 16 octets or one value; 65,535 means at least that.
    ///
    /// A value may be shared by many others, which costs memory once but is written, compared and sent
    /// as often as it occurs: `[$a, $a]` in a loop doubles with each turn.
    var weight: Int {
        switch self {
        case .array(let array): Int(array.weight)
        case .object(let object): Int(object.weight)
        case .string(let text): 1 + text.utf8.count / Self.bytesPerWeight
        default: 1
        }
    }

    static let bytesPerWeight = 16
}

extension JSONValue {
    /// About how many octets the value takes: its text, and 16 for each element or member; counting
    /// stops soon after `limit`.
    package func byteCountEstimate(limit: Int) -> Int {
        var sum = 16
        switch self {
        case .string(let text): sum += text.utf8.count
        case .array(let array):
            let elements = array.elements.span
            var index = 0
            while index < elements.count, sum <= limit {
                sum += elements[index].byteCountEstimate(limit: limit - sum)
                index &+= 1
            }
        case .object(let object):
            let entries = object.entries.span
            var index = 0
            while index < entries.count, sum <= limit {
                sum += entries[index].key.utf8.count
                sum += entries[index].value.byteCountEstimate(limit: limit - sum)
                index &+= 1
            }
        default: break
        }
        return sum
    }
}

extension JSONValue: Equatable {
    /// Deep equality: the order of an array counts, that of an object's members does not.
    package static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): left.hasSameBytes(as: right)
        case (.array(let left), .array(let right)): left.elements == right.elements
        case (.object(let left), .object(let right)): left.hasSameMembers(as: right)
        case (.function(let left), .function(let right)): left == right
        default: false
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(integerLiteral value: Int) { self = .number(Double(value)) }
    package init(floatLiteral value: Double) { self = .number(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(JSONArray(elements)) }
    package init(nilLiteral: ()) { self = .null }

    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        var object = JSONObject(capacity: elements.count)
        for (key, value) in elements { object.set(value, forKey: key) }
        self = .object(object)
    }
}
