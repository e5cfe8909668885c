import Authentication
import HTTP
import Primitives
import Routing
import Transport

/// `POST /trunkline/v1/calls/{id}/context`: what went along with a call, for the agent that has it.
///
/// It can be fetched once, so that it is no GET, which anybody on the way may repeat (RFC 9110 §9.2.1).
enum CallContextAPI {
    /// Answers for the call whose id is `id` (`X-Trunkline-Call`).
    static func take(
        _ id: Span<UInt8>,
        from contexts: CallContexts,
        _ request: HTTPRequest,
        in bytes: Span<UInt8>,
        state: ServingState,
        _ loop: LoopContext,
        _ response: inout HTTPResponse
    ) {
        let holder = ManagementAPI.holder(request, in: bytes, state, at: loop.wall, &response)
        guard let holder else { return }
        guard holder.isOperator || holder.scopes.isSuperset(of: .readSensitiveCalls) else {
            return ManagementAPI.refuse(
                .forbidden,
                code: "forbidden",
                "this key lacks the scope conversations:read_sensitive",
                &response
            )
        }
        guard id.count == 16, let call = UInt64(id.text, radix: 16),
            let context = contexts.take(call, of: holder.organizationID, at: loop.now)
        else {
            return ManagementAPI.refuse(
                .notFound,
                code: "not_found",
                "nothing is kept for this call, or it was fetched before",
                &response
            )
        }
        response.reset(.ok, contentType: "application/json")
        response.addField("Cache-Control", "no-store" as StaticString)
        context.write(call: call, to: &response.body)
    }
}
