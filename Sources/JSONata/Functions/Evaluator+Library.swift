extension Evaluator {
    /// Calls a library function: checks the arguments, then leaves it to the function's family.
    func call(
        _ builtin: Builtin,
        _ arguments: [JSONValue?],
        context: JSONValue?
    )
        throws(JSONataError) -> JSONValue?
    {
        do throws(JSONataError) {
            let checked = try builtin.signature.validate(arguments, context: context)
            return try made(try dispatch(builtin, Arguments(values: checked)))
        } catch {
            var error = error
            error.token = error.token ?? "\(builtin)"
            throw error
        }
    }

    private func dispatch(
        _ builtin: Builtin,
        _ arguments: Arguments
    ) throws(JSONataError)
        -> JSONValue?
    {
        switch builtin {
        case .string, .length, .substring, .substringBefore, .substringAfter, .uppercase,
            .lowercase, .trim, .pad, .join:
            return try text(builtin, arguments)
        case .contains, .split, .match, .replace:
            return try matching(builtin, arguments)
        case .base64encode, .base64decode, .encodeUrlComponent, .encodeUrl, .decodeUrlComponent,
            .decodeUrl:
            return try encoding(builtin, arguments)
        case .number, .abs, .floor, .ceil, .round, .power, .sqrt, .random, .formatNumber,
            .formatBase, .formatInteger, .parseInteger:
            return try numeric(builtin, arguments)
        case .sum, .max, .min, .average, .count:
            return try aggregation(builtin, arguments)
        case .boolean, .not, .exists:
            return boolean(builtin, arguments)
        case .append, .sort, .reverse, .shuffle, .distinct, .zip:
            return try sequence(builtin, arguments)
        case .keys, .lookup, .spread, .merge, .each, .sift, .error, .assert, .type, .clone:
            return try structure(builtin, arguments)
        case .map, .filter, .single, .reduce:
            return try higherOrder(builtin, arguments)
        case .now, .millis, .fromMillis, .toMillis:
            return try time(builtin, arguments)
        case .eval:
            guard arguments[0] != nil else { return nil }
            // The expression that runs was seen when it was saved; text that becomes one was not.
            throw JSONataError(.U1006)
        }
    }

    private func boolean(_ builtin: Builtin, _ arguments: Arguments) -> JSONValue? {
        if builtin == .exists { return .bool(arguments[0] != nil) }
        return arguments[0].map { .bool(truth($0) == (builtin == .boolean)) }
    }
}
