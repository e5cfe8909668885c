import Authentication
import Gateway
import Primitives
import Routing

/// A directory file that uses every key.
enum SampleFile {
    static let text = """
        {
          organizations: [{
            id: "acme", name: "Acme",
            agents: [
              { id: "sales", name: "Sales", active: true, targets: [
                { uri: "sip:sales@agents.example.com;transport=tcp", priority: 1, weight: 10 },
                "tel:+14155550199",
              ] },
              { id: "night", versions: [
                { number: 2, published: false, targets: [] },
                { number: 1, targets: [{ uri: "wss://10.0.0.7/s" }] },
              ] },
            ],
            trunks: [{ id: "carrier-a", name: "Carrier A", inbound: {
              profile: "telnyx", allowed_addresses: ["203.0.113.0/24", "2001:db8::1"],
              number_source: "header:X-Number", default_country: "US", answer_mode: { reject: 480 },
              refusals: { unknown_number: 480 }, trust_identity: false, embedded_headers: true,
              allow_private_targets: true,
            } }],
            credentials: [{ id: "twilio-main", provider: "twilio", label: "Main",
              account_sid: "AC0123456789abcdef0123456789abcdef",
              auth_tokens: ["canary-token-1", "canary-token-2"],
              shared_keys: [{ id: "k1", secret: "canary-key" }] }],
            numbers: [
              { e164: "+1 (415) 555-0100", trunk: "carrier-a", credential: "twilio-main",
                inbound_agent: "night", inbound_version: 2, label: "Front desk",
                status: "suspended", trial_ends: "2027-01-31T00:00:00Z",
                dispatch_template: { caller: "{{caller_number}}" }, metadata: { tier: 0x10 } },
              { e164: "+442079460000" },
            ],
            inbound_routing: { enabled: true, fallback_agent: "sales", default_agent: "night", timeout_ms: 750,
              workflow_definition: { version: 1, steps: [{ id: "trigger", next: "out" }] } },
          }, { id: "zeta", name: null }],
        }
        """

    /// Reads a file whose secrets are "sealed" as their own octets.
    static func read(
        _ text: String,
        checkWorkflow: @escaping DirectoryFile.CheckWorkflow = { _, _, _ in [] }
    ) -> (contents: DirectoryContents?, problems: Problems) {
        let problems = Problems(file: "d.json5")
        let contents = DirectoryFile.read(
            Array(text.utf8),
            problems: problems,
            checkWorkflow: checkWorkflow
        ) { secret, context in
            SealedSecret(Array(context.utf8) + [0] + secret.withBytes { $0.array })
        }
        return (contents, problems)
    }
}
