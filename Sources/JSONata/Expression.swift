/// An expression of the JSONata 2.x language, parsed once and evaluated many times.
///
/// It is immutable: any number of threads may evaluate the same expression at once.
package struct Expression: Sendable {
    let tree: Tree

    /// Parses `text`, or throws what is wrong with it and where.
    package init(parsing text: String) throws(JSONataError) {
        var paths = PathTable()
        try self.init(parsing: text, numbering: &paths)
    }

    /// The same for an expression that shares the numbers of its paths with others.
    package init(parsing text: String, numbering paths: inout PathTable) throws(JSONataError) {
        tree = try TreeBuilder.build(try Parser.parse(text), numbering: &paths)
    }

    /// The value of the expression over `input`, or nil where the language says “undefined”.
    ///
    /// `input` is the context value `$` and root `$$`; nil for none. `bindings` are variables by
    /// their names without the dollar sign.
    package func evaluate(
        input: JSONValue?,
        bindings: [String: JSONValue] = [:],
        environment: EvaluationEnvironment
    ) throws(JSONataError) -> JSONValue? {
        let evaluator = Evaluator(
            timestamp: environment.timestamp,
            seed: .number(environment.seed)
        )
        return try evaluator.value(
            of: self,
            over: input,
            bindings: bindings,
            limits: environment.limits
        )
    }

    /// The expression as a constant, if it is nothing else.
    package var constant: JSONValue? {
        let root = tree[tree.root]
        guard case .constant(let index) = root.kind, root.predicates < 0, root.group < 0 else {
            return nil
        }
        return tree.constants[Int(index)]
    }
}
