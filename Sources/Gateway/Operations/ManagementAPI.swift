import Authentication
import HTTP
import Primitives

/// What all routes below `/trunkline/v1` share: whose key opens them, and how they refuse.
///
/// Errors are `{error: {code, message}}`.
enum ManagementAPI {
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

    /// An answer that is an error: `code` is a word, `message` a sentence.
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
