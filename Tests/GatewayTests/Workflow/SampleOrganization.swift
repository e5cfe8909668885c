import Authentication
import Gateway
import Primitives
import Routing
import Synchronization
import Testing

/// Two organizations with one number each, whose workflow is the one given, and a host that is asked by
/// writing down the request.
struct SampleOrganization {
    let state: ServingState
    let host: SampleHost

    static let acme = "+14155550100"
    static let other = "+14155550200"

    init(
        workflow: String,
        fallback: String? = nil,
        timeoutMilliseconds: Int = 5_000,
        configure: (inout Configuration) -> Void = { _ in }
    ) throws {
        var contents = DirectoryContents()
        for (id, number) in [("acme", Self.acme), ("other", Self.other)] {
            contents.organizations.append(Organization(id: id, name: id))
            for agent in ["sales", "night"] {
                contents.agents.append(
                    Agent(
                        organizationID: id,
                        id: agent,
                        name: agent,
                        versions: [
                            AgentVersion(
                                number: 1,
                                targets: [AgentTarget(uri: "sip:\(agent)@\(id).example.com")]
                            )
                        ]
                    )
                )
            }
            contents.trunks.append(
                Trunk(
                    organizationID: id,
                    id: "carrier",
                    name: "Carrier",
                    inbound: InboundTrunk(allowedAddresses: ["127.0.0.1"], defaultCountry: "US")
                )
            )
            contents.numbers.append(
                NumberAssignment(
                    number: try #require(PhoneNumber(number)),
                    organizationID: id
                )
            )
            contents.routings.append(
                InboundRouting(
                    organizationID: id,
                    isEnabled: true,
                    workflowDefinition: workflow,
                    fallbackAgentID: fallback,
                    timeoutMilliseconds: timeoutMilliseconds
                )
            )
        }
        var configuration = Configuration()
        configure(&configuration)
        let host = SampleHost()
        self.host = host
        state = try ServingState(
            configuration: configuration,
            publicURL: "https://gw.example.com",
            directory: try DirectorySnapshot(contents) {
                WorkflowDefinition.compile($0).definition
            },
            keys: ServingState.Keys(tag: SipHash.Key(1, 2), call: SipHash.Key(3, 4)),
            sendStep: { request, _, _ in host.note(request) },
            open: { sealed, _ in Secret(sealed.bytes) }
        )
    }

    /// The call as the SIP door reads it, resolved up to the workflow.
    func question(_ call: UInt64, to number: String = Self.acme) throws -> WorkflowQuestion {
        let (decision, incoming) = try resolve(call, to: number)
        let input = WorkflowInput(
            incoming,
            callerText: "",
            decision: decision,
            directory: state.directory
        )
        return try #require(WorkflowQuestion(decision, input: input, call: call, state: state))
    }

    func resolve(
        _ call: UInt64,
        to number: String = Self.acme
    ) throws -> (decision: Decision, call: IncomingCall) {
        let incoming = IncomingCall(
            door: .sip,
            carrier: .trunks(try #require(TrunkGroup(state.directory.allTrunks))),
            called: .number(try #require(PhoneNumber(number))),
            caller: .anonymous,
            id: call,
            time: WallTime(seconds: 1_800_000_000)
        )
        var trace = NoTrace()
        let decision = state.directory.decide(incoming, trace: &trace)
        #expect(decision.outcome == .consult)
        return (decision, incoming)
    }

    /// Asks a host, then takes the agent that it names.
    static let askingHost = """
        {"version":1,"initial_step":"t","steps":[
          {"id":"t","type":"trigger","next":"crm"},
          {"id":"crm","type":"http","config":{"method":"GET","url":"https://crm.example.com/route",
            "timeout_ms":1000},"next":"out"},
          {"id":"out","type":"output","config":{"fields":[
            {"name":"agent_id","type":"string","value":"{{ crm.body.agent }}"}]}}]}
        """

    /// The same for one call at a time; a second one is refused.
    static let askingThenCounting = """
        {"version":1,"initial_step":"t","steps":[
          {"id":"t","type":"trigger","next":"crm"},
          {"id":"crm","type":"http","config":{"method":"GET","url":"https://crm.example.com/route",
            "timeout_ms":1000},"next":"l"},
          {"id":"l","type":"limit","config":{"key":"all","max":1},
            "branches":{"within":"out","over":"no"}},
          {"id":"no","type":"output","config":{"fields":[
            {"name":"reject","type":"boolean","value":true}]}},
          {"id":"out","type":"output","config":{"fields":[
            {"name":"agent_id","type":"string","value":"{{ crm.body.agent }}"}]}}]}
        """

    /// At most two calls a minute, then a refusal.
    static let limited = """
        {"version":1,"initial_step":"t","steps":[
          {"id":"t","type":"trigger","next":"l"},
          {"id":"l","type":"limit","config":{"key":"all","max":2,"window_seconds":60},
            "branches":{"within":"out","over":"no"}},
          {"id":"no","type":"output","config":{"fields":[
            {"name":"reject","type":"boolean","value":true}]}},
          {"id":"out","type":"output","config":{"fields":[
            {"name":"agent_id","type":"string","value":"sales"}]}}]}
        """

    /// Always the same agent.
    static let pure = """
        {"version":1,"initial_step":"t","steps":[
          {"id":"t","type":"trigger","next":"out"},
          {"id":"out","type":"output","config":{"fields":[
            {"name":"agent_id","type":"string","value":"sales"}]}}]}
        """
}

/// A host that answers nothing by itself and keeps what it was asked.
final class SampleHost: Sendable {
    private let requests = Mutex<[HTTPStepRequest]>([])

    func note(_ request: HTTPStepRequest) {
        requests.withLock { $0.append(request) }
    }

    var asked: [HTTPStepRequest] { requests.withLock { $0 } }
}

extension WorkflowEvent {
    static func agent(_ id: String, request: Int = 1) -> WorkflowEvent {
        .response(
            id: request,
            status: 200,
            headers: [HTTPStepRequest.Header(name: "Content-Type", value: "application/json")],
            body: Array("{\"agent\":\"\(id)\"}".utf8)
        )
    }
}
