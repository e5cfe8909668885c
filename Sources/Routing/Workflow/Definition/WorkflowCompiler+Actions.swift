import JSONata
import Primitives

/// `http` and `output` steps.
extension WorkflowCompiler {
    mutating func http(_ config: DefinitionNode) -> HTTPStep? {
        warnOfUnknownKeys(config, known: ["method", "url", "timeout_ms", "headers", "body"])
        let method = method(config["method"])
        let headers = headers(config["headers"])
        let body = config["body"].isMissing ? nil : value(config["body"])
        if body != nil, method == .get || method == .head {
            error(
                config["body"],
                "a \(method.rawValue) request has no body; write method: \"POST\""
            )
        }
        let timeout = wholeNumber(
            config["timeout_ms"],
            in: WorkflowLimits.stepTimeoutMilliseconds,
            default: WorkflowLimits.stepTimeoutMillisecondsDefault
        )
        guard let (origin, target) = address(config["url"]) else { return nil }
        return HTTPStep(
            method: method,
            origin: origin,
            target: target,
            headers: headers,
            body: body,
            timeout: .milliseconds(Int64(timeout))
        )
    }

    private mutating func method(_ node: DefinitionNode) -> HTTPStepRequest.Method {
        if node.isMissing { return .get }
        guard let method = node.string.flatMap(HTTPStepRequest.Method.init(rawValue:)) else {
            let known = HTTPStepRequest.Method.allCases.map(\.rawValue).joined(separator: ", ")
            error(node, "must be one of \(known)")
            return .get
        }
        return method
    }

    /// The host is text, so that it can be checked now; expressions may fill path and query.
    private mutating func address(
        _ node: DefinitionNode
    ) -> (origin: HTTPOrigin, target: WorkflowValue)? {
        let whole = requiredValue(node, "\"https://crm.example.com/route\"")
        guard let start = whole.literalStart, let (origin, count) = HTTPOrigin.read(start),
            whole.constant != nil || count < start.utf8.count
        else {
            if !node.isMissing {
                error(
                    node,
                    "must start with https:// and a host without expressions, then a “/”,"
                        + " such as \"https://crm.example.com/route\""
                )
            }
            return nil
        }
        guard hosts?.allows(host: origin.host, port: origin.port) ?? true else {
            error(
                node,
                "the host \(origin.host):\(origin.port) is not allowed;"
                    + " ask the operator to add it to the allowed hosts"
            )
            return nil
        }
        let rest = String(decoding: Array(start.utf8)[count...], as: UTF8.self)
        guard rest.utf8.allSatisfy({ $0 > ASCII.space && $0 < 0x7F && $0 != 0x23 }) else {
            error(node, "has a blank, a “#” or another character that a URL cannot hold; encode it")
            return nil
        }
        guard case .text(var pieces) = whole else {
            return (origin, .constant(.string(rest)))
        }
        pieces[0] = .literal(rest)
        return (origin, .text(pieces))
    }

    private mutating func headers(_ node: DefinitionNode) -> [WorkflowValue.Member] {
        if !node.isMissing, node.value?.objectValue == nil {
            error(node, "must be an object of names and values")
        }
        for (name, header) in node.members {
            let isToken = !name.isEmpty && name.utf8.allSatisfy { ASCII.isToken($0) }
            if !isToken || Self.ownHeaders.contains(name.lowercased()) {
                error(header, "“\(name)” cannot be set as a header; leave it out")
            }
        }
        return members(node)
    }

    /// Set by whoever sends the request (RFC 9112 §3.2, §6).
    private static let ownHeaders = [
        "host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer",
    ]

    // MARK: - Output

    mutating func output(_ config: DefinitionNode) -> [OutputField] {
        warnOfUnknownKeys(config, known: ["fields"])
        let nodes = config["fields"].elements
        if nodes.isEmpty {
            error(
                config["fields"],
                "must be a list such as [{ name: \"agent_id\", type: \"string\", value: \"sales\" }]"
            )
        }
        let fields = nodes.map { field($0) }
        for (index, field) in fields.enumerated() where field.field != nil {
            guard let first = fields[..<index].firstIndex(where: { $0.name == field.name }) else {
                continue
            }
            error(nodes[index]["name"], "fields[\(first)] is “\(field.name)” too; remove one")
        }
        let decides = fields.contains { field in
            switch field.name {
            case "agent_id", "targets": true
            case "reject": field.value.constant?.boolValue != false
            default: false
            }
        }
        if !nodes.isEmpty, !decides {
            warn(
                config["fields"],
                "this path ends without an answer: no field rejects or names an agent or targets"
            )
        }
        return fields
    }

    private mutating func field(_ node: DefinitionNode) -> OutputField {
        warnOfUnknownKeys(node, known: ["name", "type", "value"])
        let name = plainText(node["name"], "\"agent_id\"")
        let value = requiredValue(node["value"], "\"{{ crm.body.agent }}\"")
        if let known = WorkflowOutput.Field(rawValue: name) {
            if !node["type"].isMissing, node["type"].string != known.typeName {
                error(node["type"], "\(name) is of type \"\(known.typeName)\"")
            }
            checkConstant(value, of: known, node["value"])
        } else if !name.isEmpty {
            let names = WorkflowOutput.Field.allCases.map(\.rawValue)
            let list = "known are \(names.joined(separator: ", "))"
            let hint = Self.hint(for: name, among: names, else: list)
            warn(node["name"], "“\(name)” is not a field of the output and ignored; \(hint)")
        }
        return OutputField(name: name, value: value)
    }

    /// A constant can be held against the contract, and an agent against the directory, when saved.
    private mutating func checkConstant(
        _ value: WorkflowValue,
        of field: WorkflowOutput.Field,
        _ node: DefinitionNode
    ) {
        guard !node.isMissing else { return }
        if case .text = value, field.typeName != "string" {
            return error(
                node,
                "is text, but \(field.rawValue) is not; put all of it into one {{ … }}"
            )
        }
        if field == .targets, !checkTargets(value, node) { return }
        guard let constant = value.constant else { return }
        var output = WorkflowOutput()
        do throws(WorkflowFault) {
            try output.set(field, to: constant)
        } catch {
            return self.error(node, error.message)
        }
        guard field == .agentID, let id = output.agentID else { return }
        switch surroundings.agentStanding?(id) ?? .usable {
        case .usable: break
        case .unusable: error(node, "agent “\(id)” is inactive or has no published version")
        case .unknown(let near):
            let hint = near.map { "did you mean “\($0)”?" } ?? "name one of the organization's"
            error(node, "there is no agent “\(id)”; \(hint)")
        }
    }

    /// Whether calls may be sent to each target that is written out, whatever stands beside it.
    private mutating func checkTargets(_ value: WorkflowValue, _ node: DefinitionNode) -> Bool {
        var isRight = true
        for (place, uri) in value.literalElements {
            // What one trunk reaches and another does not is checked for each call.
            let fault = TargetAddress.fault(in: uri, allowsPrivate: true).map { "\($0)" }
            guard let objection = fault ?? surroundings.targetObjection?(uri) else { continue }
            error(node[place], "no call can be sent to the target “\(uri)”: \(objection)")
            isRight = false
        }
        return isRight
    }
}
