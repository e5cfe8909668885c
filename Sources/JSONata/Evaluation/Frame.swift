/// Variables of one scope.
///
/// Names are indices in `Tree.names`.
///
/// Functions are held by number, not by reference, so that frames and closures form no cycle.
final class Frame {
    let parent: Frame?
    let depth: Int
    private var names: [Int32] = []
    private var values: [JSONValue?] = []

    init(parent: Frame?) {
        self.parent = parent
        depth = (parent?.depth ?? 0) + 1
    }

    func bind(_ name: Int32, _ value: JSONValue?) {
        if let index = names.firstIndex(of: name) {
            values[index] = value
        } else {
            names.append(name)
            values.append(value)
        }
    }

    /// The value of the innermost variable of that name: nil if there is none, some(nil) if it is
    /// bound to nothing.
    func lookup(_ name: Int32) -> JSONValue?? {
        var frame: Frame? = self
        while let current = frame {
            var index = 0
            while index < current.names.count {
                if current.names[index] == name { return .some(current.values[index]) }
                index &+= 1
            }
            frame = current.parent
        }
        return nil
    }
}

/// A function that an evaluation has made.
enum Closure {
    case lambda(Int32, input: JSONValue?, Frame)
    /// A function with some of its arguments; `holes` says which are still missing.
    case partial(JSONFunction, arguments: [JSONValue?], holes: [Int])
    /// `first ~> second`.
    case composition(JSONFunction, JSONFunction)
    case regex(Int32)
    /// The `next` of a match: goes on at `offset`.
    case nextMatch(Int32, RegexSubject, offset: Int)
    case transform(TransformParts, Frame)
}

struct TransformParts {
    var pattern: NodeID
    var update: NodeID
    var deletion: NodeID?
    var position: Int
}

/// A value on the way down a path, with the variables that were bound on the way.
struct Tuple {
    var value: JSONValue?
    var variables: [(name: Int32, value: JSONValue?)] = []

    mutating func set(_ name: Int32, _ value: JSONValue?) {
        if let index = variables.firstIndex(where: { $0.name == name }) {
            variables[index].value = value
        } else {
            variables.append((name, value))
        }
    }
}
