import Authentication
import HTTP
import Primitives
import Transport

/// The operator's API below `/trunkline/v1/routing`: what would happen to a call.
///
/// Only an operator's key opens it (`trunkline key create --operator`).
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
        let holder = ManagementAPI.holder(request, in: bytes, state, at: wall, &response)
        guard let holder else { return }
        guard holder.isOperator else {
            return ManagementAPI.refuse(
                .forbidden,
                code: "forbidden",
                "this key is an organization's; make one with key create --operator",
                &response
            )
        }
        guard request.hasContentType("application/json", in: bytes) else {
            return ManagementAPI.refuse(
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
}
