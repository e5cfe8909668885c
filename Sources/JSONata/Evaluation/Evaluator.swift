import Primitives

/// Evaluates expressions one after the other, each from a clean start, in the same memory.
///
/// It belongs to the thread that runs it.
package final class Evaluator {
    private(set) var tree = Tree.empty
    private(set) var timestamp: WallTime
    /// Of one evaluation; nil until it draws a number.
    private var random: RandomSequence?
    private var operationsSpent = 0
    /// Operations until the limits are looked at again.
    private var checkpoint = 0
    private var limits: EvaluationLimits
    private var valueByteCount = 0
    private var depth = 0
    private var stack = StackMeter()
    private var seed: RandomSequence.Seed
    /// Room for the arguments of a call that goes the short way.
    var argumentRoom: [JSONValue?] = []
    /// The outermost scope of expressions that bind no variables.
    private lazy var emptyFrame = Frame(parent: nil)
    /// Functions made so far; a `JSONFunction` above the library's is an index here.
    private var closures: [Closure] = []
    /// The last identity that a transform gave to an object.
    var tagCount: UInt32 = 0
    /// A call in tail position that the loop of `apply` is to make next.
    var pendingCall: (call: NodeID, input: JSONValue?, frame: Frame)?

    /// Every evaluation sees the same time, and draws its random numbers from the same start.
    package init(
        timestamp: WallTime,
        seed: RandomSequence.Seed,
        limits: EvaluationLimits = EvaluationLimits()
    ) {
        self.limits = limits
        self.timestamp = timestamp
        self.seed = seed
    }

    /// The time and the random numbers of all evaluations from now on.
    package func reset(timestamp: WallTime, seed: RandomSequence.Seed) {
        self.timestamp = timestamp
        self.seed = seed
    }

    /// The value of an expression by what its paths lead to, with no look at the context they lead
    /// into; throws where that is not enough, or where the expression is at fault.
    ///
    /// Within the limits of this evaluator, or less.
    package func value(
        of expression: Expression,
        paths: PathValues,
        operationCountMax: Int,
        valueByteCountMax: Int
    ) throws(DeadEnd) -> JSONValue? {
        limits.operationCountMax = operationCountMax
        limits.valueByteCountMax = valueByteCountMax
        if let path = expression.tree.lonePath {
            operationsSpent = 1
            let result = try paths.value(path)
            guard isWithinLimits(result), operationCountMax > 0 else { throw .met }
            return result
        }
        return try directValue(of: expression.tree, paths)
    }

    /// The value of an expression over its whole context, within the same limits.
    package func value(
        of expression: Expression,
        over input: JSONValue?,
        operationCountMax: Int,
        valueByteCountMax: Int
    ) throws(JSONataError) -> JSONValue? {
        limits.operationCountMax = operationCountMax
        limits.valueByteCountMax = valueByteCountMax
        return try value(of: expression, over: input, [:])
    }

    /// The same as `Expression.evaluate`, with the time and seed of this evaluator.
    package func value(
        of expression: Expression,
        over input: JSONValue?,
        bindings: [String: JSONValue] = [:],
        limits: EvaluationLimits
    ) throws(JSONataError) -> JSONValue? {
        self.limits = limits
        if bindings.isEmpty, expression.tree.isDirect, case .object(let context)? = input {
            let paths = PathValues(of: expression.tree, in: context)
            do throws(DeadEnd) { return try directValue(of: expression.tree, paths) } catch {}
        }
        return try value(of: expression, over: input, bindings)
    }

    private func value(
        of expression: Expression,
        over input: JSONValue?,
        _ bindings: [String: JSONValue]
    ) throws(JSONataError) -> JSONValue? {
        tree = expression.tree
        begin()
        depth = 0
        stack = StackMeter()
        if !closures.isEmpty { closures = [] }
        tagCount = 0
        pendingCall = nil
        return try run(input, bindings)
    }

    /// What the last evaluation took, whether or not it came to a value.
    package var operationCount: Int { operationsSpent }

    private func begin() {
        random = nil
        operationsSpent = 0
        valueByteCount = 0
        setCheckpoint()
    }

    /// The value of an expression that goes the short way.
    private func directValue(of tree: Tree, _ paths: PathValues) throws(DeadEnd) -> JSONValue? {
        guard tree.isDirect, limits.depthMax >= Self.directDepthMax else { throw .met }
        begin()
        let result = try direct(tree.root, tree, paths, depth: 0)
        guard isWithinLimits(result) else { throw .met }
        return result
    }

    private func run(
        _ input: JSONValue?,
        _ bindings: [String: JSONValue]
    ) throws(JSONataError) -> JSONValue? {
        let bindsVariables = tree.bindsVariables || !bindings.isEmpty
        let frame = bindsVariables ? Frame(parent: nil) : emptyFrame
        if let name = tree.rootName { frame.bind(name, input) }
        var input = input
        // An array as input is one value, not the sequence of its elements.
        if case .array? = input, let value = input {
            input = .array(JSONArray([value], marks: [.sequence, .wrapsInput]))
        }
        if !bindings.isEmpty {
            for (index, name) in tree.names.enumerated() {
                if let value = bindings[name] { frame.bind(Int32(index), value) }
            }
        }
        guard let result = try evaluate(tree.root, input, frame) else { return nil }
        try weigh(result)
        return self.result(result)
    }

    /// The value of a node for the context value `input`.
    func evaluate(
        _ id: NodeID,
        _ input: JSONValue?,
        _ frame: Frame
    ) throws(JSONataError)
        -> JSONValue?
    {
        depth += 1
        defer { depth -= 1 }
        guard depth <= limits.depthMax, stack.usedByteCount <= limits.stackByteCountMax else {
            throw JSONataError(.U1001, position: Int(tree[id].position))
        }
        try charge(1)
        let node = tree[id]
        var result = try evaluate(node, input, frame)
        if node.predicates >= 0 {
            for stage in tree.stages[Int(node.predicates)] {
                guard case .filter(let predicate) = stage else { continue }
                result = try filter(result, by: predicate, frame)
            }
        }
        if node.group >= 0, !node.isPath {
            result = try group(result, by: tree.groups[Int(node.group)], frame)
        }
        return settled(result, keepsArray: node.keepsArray)
    }

    /// A sequence of one value is that value, an empty one is nothing.
    func settled(_ value: JSONValue?, keepsArray: Bool) -> JSONValue? {
        guard case .array(var array)? = value, array.marks.contains(.sequence) else {
            return value
        }
        if keepsArray, !array.marks.contains(.keepsSingleton) {
            array.marks.insert(.keepsSingleton)
            return array.isEmpty ? nil : .array(array)
        }
        switch array.count {
        case 0: return nil
        case 1: return array.marks.contains(.keepsSingleton) ? value : array[0]
        default: return value
        }
    }

    private func evaluate(
        _ node: Node,
        _ input: JSONValue?,
        _ frame: Frame
    )
        throws(JSONataError) -> JSONValue?
    {
        switch node.kind {
        case .constant(let index): return tree.constants[Int(index)]
        case .fields(let list): return try fields(tree.lists[Int(list)], of: input)
        case .variable(let name): return lookup(name, frame)
        case .context: return input.map(unwrapped)
        case .binary(let symbol, let left, let right):
            return try binary(symbol, left, right, node, input, frame)
        case .path(let list): return try path(node, tree.lists[Int(list)], input, frame)
        case .name(let name): return try member(tree.names[Int(name)], of: input)
        case .call(let procedure, let list):
            return try call(node, procedure, tree.lists[Int(list)], input, frame, first: nil)
        case .condition(let test, let then, let otherwise):
            if truth(try evaluate(test, input, frame)) {
                return try evaluate(then, input, frame)
            }
            guard let otherwise else { return nil }
            return try evaluate(otherwise, input, frame)
        case .block(let list, let needsFrame):
            let scope = needsFrame ? try child(of: frame) : frame
            var result: JSONValue?
            for id in tree.lists[Int(list)] { result = try evaluate(id, input, scope) }
            return result
        case .bind(let name, let value):
            let result = try evaluate(value, input, frame)
            frame.bind(name, result)
            return result
        default: return try evaluateRare(node, input, frame)
        }
    }

    @inline(never)
    private func evaluateRare(
        _ node: Node,
        _ input: JSONValue?,
        _ frame: Frame
    )
        throws(JSONataError) -> JSONValue?
    {
        switch node.kind {
        case .wildcard: return try wildcard(input)
        case .descendants: return try descendants(of: input)
        case .parent(let slot): return lookup(tree.slots[Int(slot)].label, frame)
        case .negation(let operand): return try negated(operand, node, input, frame)
        case .array(let list): return try array(node, tree.lists[Int(list)], input, frame)
        case .object(let index):
            return .object(try group(of: input, by: tree.groups[Int(index)], frame))
        case .coalesce(let left, let right):
            if let result = try evaluate(left, input, frame) { return result }
            return try evaluate(right, input, frame)
        case .otherwise(let left, let right):
            let result = try evaluate(left, input, frame)
            return truth(result) ? result : try evaluate(right, input, frame)
        case .partial(let procedure, let list):
            return try partial(node, procedure, tree.lists[Int(list)], input, frame)
        case .lambda(let lambda): return function(.lambda(lambda, input: input, frame))
        case .tailCall(let call):
            pendingCall = (call, input, frame)
            return nil
        case .apply(let left, let right): return try chain(node, left, right, input, frame)
        case .transform(let pattern, let update, let deletion):
            let parts = TransformParts(
                pattern: pattern,
                update: update,
                deletion: deletion,
                position: Int(node.position)
            )
            return function(.transform(parts, frame))
        case .regex(let index): return function(.regex(index))
        default: return nil
        }
    }

    /// Draws from the evaluation's random numbers.
    func draw<Value>(_ take: (inout RandomSequence) -> Value) -> Value {
        var sequence = random ?? RandomSequence(seed: seed)
        defer { random = sequence }
        return take(&sequence)
    }

    // MARK: Variables and functions

    /// A variable, or the library function of that name.
    func lookup(_ name: Int32, _ frame: Frame) -> JSONValue? {
        if let value = frame.lookup(name) { return value }
        let builtin = tree.builtins[Int(name)]
        return builtin < 0 ? nil : .function(JSONFunction(index: Int(builtin)))
    }

    func child(of frame: Frame) throws(JSONataError) -> Frame {
        guard frame.depth < Self.frameDepthMax else { throw JSONataError(.U1001) }
        return Frame(parent: frame)
    }

    func function(_ closure: Closure) -> JSONValue {
        closures.append(closure)
        return .function(JSONFunction(index: Builtin.allCases.count + closures.count - 1))
    }

    func closure(_ function: JSONFunction) -> Closure? {
        let index = Int(function.index) - Builtin.allCases.count
        return closures.indices.contains(index) ? closures[index] : nil
    }

    func unwrapped(_ value: JSONValue) -> JSONValue {
        guard case .array(let array) = value, array.marks.contains(.wrapsInput) else {
            return value
        }
        return array.first ?? value
    }

    // MARK: Limits

    func charge(_ operations: Int) throws(JSONataError) {
        operationsSpent &+= operations
        guard operationsSpent <= checkpoint else { return try passCheckpoint() }
    }

    @inline(never)
    private func passCheckpoint() throws(JSONataError) {
        guard operationsSpent <= limits.operationCountMax else { throw JSONataError(.U1002) }
        setCheckpoint()
    }

    private func setCheckpoint() {
        checkpoint = min(operationsSpent | 1_023, limits.operationCountMax)
    }

    func charge(bytes: Int) throws(JSONataError) {
        valueByteCount &+= bytes
        guard valueByteCount <= limits.valueByteCountMax else { throw JSONataError(.U1003) }
    }

    /// Accounts for a new value.
    @inline(never)
    func made(_ value: JSONValue?) throws(JSONataError) -> JSONValue? {
        guard let value else { return nil }
        switch value {
        case .string(let text): try charge(bytes: text.utf8.count)
        case .array(let array): try charge(bytes: array.count * Self.elementByteCount)
        case .object(let object): try charge(bytes: object.count * Self.elementByteCount)
        default: return value
        }
        guard value.depth <= min(limits.valueDepthMax, 250) else { throw JSONataError(.U1003) }
        try weigh(value)
        return value
    }

    /// Refuses a value that is larger than all values may be, however little memory it takes because
    /// its parts are shared.
    func weigh(_ value: JSONValue) throws(JSONataError) {
        guard isWithinLimits(value) else { throw JSONataError(.U1003) }
    }

    private func isWithinLimits(_ value: JSONValue?) -> Bool {
        (value?.weight ?? 0) * JSONValue.bytesPerWeight <= limits.valueByteCountMax
    }

    /// Operations that may still be charged.
    var remainingOperationCount: Int { max(limits.operationCountMax - operationsSpent, 0) }

    /// Octets of values that may still be made.
    var remainingByteCount: Int { limits.valueByteCountMax - valueByteCount }

    static let elementByteCount = 16
    /// Scopes inside each other; freeing the innermost frees the others recursively.
    private static let frameDepthMax = 1_000

    /// The value as it leaves the evaluation.
    private func result(_ value: JSONValue) -> JSONValue? {
        let value = unwrapped(value)
        return closures.isEmpty && !tree.usesLibrary ? value.withoutMarks : value.withoutFunctions
    }
}

extension Node {
    var isPath: Bool {
        switch kind {
        case .path, .fields: true
        default: false
        }
    }
}
