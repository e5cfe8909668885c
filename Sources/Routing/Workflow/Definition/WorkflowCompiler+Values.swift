import JSONata
import Primitives

/// Values, texts and numbers of a definition.
extension WorkflowCompiler {
    /// A value with expressions anywhere in it; constants stay what they are.
    ///
    /// The recursion is bounded by the depth of the definition.
    mutating func value(_ node: DefinitionNode) -> WorkflowValue {
        switch node.value {
        case .string(let text): return template(text, node)
        case .array:
            let elements = node.elements.map { value($0) }
            let constants = elements.compactMap(\.constant)
            guard constants.count < elements.count else {
                return .constant(.array(JSONArray(constants)))
            }
            return .array(elements)
        case .object: return object(node)
        case .some(let scalar): return .constant(scalar)
        case nil: return .constant(.null)
        }
    }

    private mutating func object(_ node: DefinitionNode) -> WorkflowValue {
        let members = self.members(node)
        var constants = JSONObject()
        for member in members {
            guard let constant = member.value.constant else { return .object(members) }
            constants[member.key] = constant
        }
        return .constant(.object(constants))
    }

    mutating func members(_ node: DefinitionNode) -> [WorkflowValue.Member] {
        node.members.map { WorkflowValue.Member(key: $0.key, value: value($0.node)) }
    }

    /// A value that a step cannot do without.
    mutating func requiredValue(_ node: DefinitionNode, _ example: String) -> WorkflowValue {
        if node.isMissing { error(node, "is missing; write for example \(example)") }
        return value(node)
    }

    private mutating func template(_ text: String, _ node: DefinitionNode) -> WorkflowValue {
        let parts: [TemplateScanner.Part]
        do throws(TemplateFault) {
            parts = try TemplateScanner.parts(of: text)
        } catch {
            self.error(node, error.message)
            return .constant(.string(text))
        }
        if parts.count == 1, case .expression(let body) = parts[0] {
            guard let expression = expression(body, node) else { return .constant(.null) }
            return expression.constant.map { .constant($0) } ?? .expression(expression)
        }
        var pieces: [WorkflowValue.Piece] = []
        for part in parts {
            switch part {
            case .literal(let literal): append(literal, to: &pieces)
            case .expression(let body):
                guard let expression = expression(body, node) else { continue }
                if let constant = expression.constant {
                    append(WorkflowValue.text(constant), to: &pieces)
                } else {
                    pieces.append(.expression(expression))
                }
            }
        }
        if pieces.count == 1, case .literal(let literal) = pieces[0] {
            return .constant(.string(literal))
        }
        return pieces.isEmpty ? .constant("") : .text(pieces)
    }

    private func append(_ literal: String, to pieces: inout [WorkflowValue.Piece]) {
        if case .literal(let before)? = pieces.last {
            pieces[pieces.count - 1] = .literal(before + literal)
        } else {
            pieces.append(.literal(literal))
        }
    }

    private mutating func expression(_ text: String, _ node: DefinitionNode) -> Expression? {
        do throws(JSONataError) {
            let expression = try Expression(parsing: text, numbering: &paths)
            expressionTexts.append(text)
            visible.formUnion(expression.visibleInput)
            return expression
        } catch {
            self.error(node, "the expression does not parse: \(error)")
            return nil
        }
    }

    // MARK: - Plain values

    /// A text without expressions, 1 to 256 octets.
    mutating func plainText(_ node: DefinitionNode, _ example: String) -> String {
        guard let text = node.string, !text.isEmpty,
            text.utf8.count <= WorkflowLimits.keyByteCountMax
        else {
            error(node, "must be a text without expressions, for example \(example)")
            return ""
        }
        return text
    }

    /// A whole number, or `fallback` where none is given.
    mutating func wholeNumber(
        _ node: DefinitionNode,
        in range: ClosedRange<Int>,
        default fallback: Int?
    ) -> Int {
        if let fallback, node.isMissing { return fallback }
        guard let number = node.value?.integerValue, range.contains(number) else {
            error(
                node,
                "must be a whole number from \(range.lowerBound) to \(range.upperBound)"
            )
            return fallback ?? range.lowerBound
        }
        return number
    }

    // MARK: - Lists

    /// `lists: { vip: [ { key: "+1212*", value: "gold", expires: "2027-01-01T00:00:00Z" } ] }`.
    mutating func readLists(_ node: DefinitionNode) {
        guard !node.isMissing else { return }
        guard case .object? = node.value else {
            return error(node, "must be an object: the name of each list, and its entries")
        }
        for (name, list) in node.members {
            guard case .array? = list.value else {
                error(list, "must be a list of entries such as { key: \"+1212*\", value: \"vip\" }")
                continue
            }
            var table = LookupTable()
            for entry in list.elements { add(entry, to: &table) }
            lists[name] = table
        }
    }

    private mutating func add(_ entry: DefinitionNode, to table: inout LookupTable) {
        guard let key = entry["key"].string, !key.isEmpty else {
            return error(entry["key"], "must be a text; a “*” at its end makes it a prefix")
        }
        var expires: WallTime?
        if !entry["expires"].isMissing {
            expires = entry["expires"].string.flatMap { WallTime(rfc3339: $0) }
            if expires == nil {
                error(entry["expires"], "must be a time such as \"2027-01-01T00:00:00Z\"")
            }
        }
        warnOfUnknownKeys(entry, known: ["key", "value", "expires"])
        table.set(key, to: entry["value"].value ?? true, expires: expires)
    }
}
