import Authentication
import HTTP
import Primitives
import Transport

/// The operator's API below `/trunkline/v1/routing`: what would happen to a call.
///
/// Only an operator's key opens it (`trunkline key create --operator`). Errors are
/// `{error: {code, message}}`.
enum RoutingAPI {
    /// Answers `POST /trunkline/v1/routing/explain`.
    static func explain(
        _ request: HTTPRequest,
        in bytes: Span<UInt8>,
        state: ServingState,
        operations: Operations,
        at wall: WallTime,
        _ response: inout HTTPResponse
    ) {
        guard let holder = holder(request, in: bytes, state, at: wall, &response) else { return }
        guard holder.isOperator else {
            return refuse(
                .forbidden,
                code: "forbidden",
                "this key is an organization's; make one with key create --operator",
                &response
            )
        }
        guard request.hasContentType("application/json", in: bytes) else {
            return refuse(
                .unsupportedMediaType,
                code: "unsupported_media_type",
                "send Content-Type: application/json",
                &response
            )
        }
        let (status, json) = ExplainRequest.answer(
            bytes.bytes(request.body).withUnsafeBufferPointer { Array($0) },
            directory: state.directory,
            configuration: state.configuration,
            at: wall,
            targetState: operations.state(ofTarget:)
        )
        response.reset(
            HTTPStatus(rawValue: UInt16(clamping: status)) ?? .internalServerError,
            contentType: "application/json"
        )
        response.body.append(json.span)
    }

    /// Whose key came with the request; nil: none that is in force, and the answer says so.
    static func holder(
        _ request: HTTPRequest,
        in bytes: Span<UInt8>,
        _ state: ServingState,
        at wall: WallTime,
        _ response: inout HTTPResponse
    ) -> APIKeyHolder? {
        let credentials = bytes.bytes(request.only(.authorization) ?? .empty)
        if let holder = state.authenticate(authorization: credentials, at: wall) { return holder }
        refuse(
            .unauthorized,
            code: "unauthorized",
            "send Authorization: Bearer and an API key",
            &response
        )
        // RFC 9110 §11.6.1: a 401 says how to do better.
        response.addField("WWW-Authenticate", "Bearer" as StaticString)
        return nil
    }

    static func refuse(
        _ status: HTTPStatus,
        code: StaticString,
        _ message: StaticString,
        _ response: inout HTTPResponse
    ) {
        response.reset(status, contentType: "application/json")
        response.body.append("{\"error\":{")
        response.body.appendJSON("code", word: code)
        response.body.appendJSON("message", word: message)
        response.body.append("}}\n")
    }
}
