import JSONata
import Primitives

/// The `http` step: a request out of the run's values, and a result out of the answer.
extension WorkflowRun {
    mutating func request(
        _ step: HTTPStep,
        _ evaluator: Evaluator
    ) throws(WorkflowFault) -> HTTPStepRequest {
        var target = try step.target.urlText(&context, evaluator)
        if !target.hasPrefix("/") { target = "/" + target }
        guard target.utf8.count <= WorkflowLimits.urlByteCountMax else {
            throw .tooLong(field: "url", limit: WorkflowLimits.urlByteCountMax)
        }
        var headers: [HTTPStepRequest.Header] = []
        for member in step.headers {
            let value = try member.value.text(&context, evaluator)
            // RFC 9110 §5.5: a line break in a value would begin another field.
            guard !value.utf8.contains(where: { ASCII.isControl($0) && $0 != ASCII.tab }) else {
                throw .unusableRequest("the value of header \(member.key) has a control character")
            }
            headers.append(HTTPStepRequest.Header(name: member.key, value: value))
        }
        var body: [UInt8]?
        if let value = try step.body?.evaluate(&context, evaluator) {
            var buffer = ByteBuffer()
            if case .string(let text) = value {
                buffer.append(text)
            } else {
                value.append(to: &buffer)
                addContentType(to: &headers)
            }
            body = buffer.bytes
        }
        return HTTPStepRequest(
            id: 0,
            method: step.method,
            origin: step.origin,
            target: target,
            headers: headers,
            body: body
        )
    }

    private func addContentType(to headers: inout [HTTPStepRequest.Header]) {
        guard !headers.contains(where: { $0.name.lowercased() == "content-type" }) else { return }
        headers.append(HTTPStepRequest.Header(name: "Content-Type", value: "application/json"))
    }

    /// Takes an answer in.
    ///
    /// One that is not 2xx is a failure, but later steps can see it.
    mutating func receive(
        _ event: WorkflowEvent,
        step: Int,
        _ trace: inout some WorkflowTrace
    ) throws(WorkflowFault) {
        switch event {
        case .requestFailed(_, let reason): throw .request(reason)
        case .response(_, let status, let headers, let body):
            guard body.count <= WorkflowLimits.bodyByteCountMax else { throw .request(.tooLarge) }
            var fields = JSONObject()
            for header in headers.prefix(WorkflowLimits.responseHeaderCountMax) {
                let name = header.name.lowercased()
                let earlier = fields[name]?.stringValue
                fields[name] = .string(earlier.map { "\($0), \(header.value)" } ?? header.value)
            }
            let isSuccess = 200..<300 ~= status
            var result: JSONObject = [
                "status_code": .number(Double(status)), "headers": .object(fields),
            ]
            var fault: WorkflowFault?
            do throws(JSONParseError) {
                result["body"] = try Self.body(body, type: fields["content-type"]?.stringValue)
            } catch {
                fault = .malformedBody(error)
            }
            try finish(definition.steps[step], .value(.object(result)), &trace)
            if !isSuccess { throw .status(status) }
            if let fault { throw fault }
        }
    }

    /// JSON where the server says so, or says nothing and it is; otherwise text.
    private static func body(_ bytes: [UInt8], type: String?) throws(JSONParseError) -> JSONValue {
        guard !bytes.isEmpty else { return .null }
        let limits = JSONLimits(
            byteCountMax: WorkflowLimits.bodyByteCountMax,
            depthMax: WorkflowLimits.definitionDepthMax
        )
        let type = type?.lowercased()
        if type?.contains("json") == true { return try JSONValue.parse(bytes.span, limits: limits) }
        if type == nil, let value = try? JSONValue.parse(bytes.span, limits: limits) {
            return value
        }
        return .string(String(decoding: bytes, as: UTF8.self))
    }
}
