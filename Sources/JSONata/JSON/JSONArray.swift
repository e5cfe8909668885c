/// The elements of a JSON array.
package struct JSONArray: Sendable {
    private(set) var elements: [JSONValue]
    /// How deep the elements are nested, this array included; saturates.
    private var nesting: UInt8
    /// How much there is to write if all elements are written, this array included; see `JSONValue.weight`.
    private(set) var weight: UInt16
    /// What the expression language remembers of where this array comes from.
    var marks: Marks = []

    /// JSONata tells a sequence (the many results of a path) from an array that is one value.
    struct Marks: OptionSet {
        let rawValue: UInt8

        /// The result of a path or function: a single element stands for itself, none for nothing.
        static let sequence = Marks(rawValue: 1)
        /// A sequence that stays an array even with a single element (`[]` in a path).
        static let keepsSingleton = Marks(rawValue: 2)
        /// An array constructor at an end of a path: not flattened into what the path yields.
        static let constructed = Marks(rawValue: 4)
        /// The wrapper around an input that is itself an array.
        static let wrapsInput = Marks(rawValue: 8)
    }

    package init() {
        elements = []
        nesting = 1
        weight = 1
    }

    package init(_ elements: [JSONValue]) {
        self.elements = elements
        nesting = 1
        weight = 1
        for element in elements { include(element) }
    }

    /// Elements that are known to be scalars.
    init(scalars elements: [JSONValue], marks: Marks = []) {
        self.elements = elements
        self.marks = marks
        nesting = 1
        weight = UInt16(clamping: elements.count + 1)
    }

    init(_ elements: [JSONValue], marks: Marks) {
        self.init(elements)
        self.marks = marks
    }

    static func sequence(_ value: JSONValue) -> JSONArray {
        JSONArray([value], marks: .sequence)
    }

    package var depth: Int { Int(nesting) }

    package mutating func append(_ element: JSONValue) {
        include(element)
        elements.append(element)
    }

    package mutating func append(contentsOf other: JSONArray) {
        nesting = Swift.max(nesting, other.nesting)
        weight = UInt16(clamping: Int(weight) + Int(other.weight))
        elements.append(contentsOf: other.elements)
    }

    package mutating func reserveCapacity(_ count: Int) {
        elements.reserveCapacity(count)
    }

    private mutating func include(_ element: JSONValue) {
        if element.depth >= Int(nesting) { nesting = UInt8(clamping: element.depth + 1) }
        weight = UInt16(clamping: Int(weight) + element.weight)
    }
}

extension JSONArray: RandomAccessCollection, ExpressibleByArrayLiteral {
    package var startIndex: Int { 0 }
    package var endIndex: Int { elements.count }
    package subscript(index: Int) -> JSONValue { elements[index] }
    package init(arrayLiteral elements: JSONValue...) { self.init(elements) }
}
