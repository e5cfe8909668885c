import Routing
import Testing

@Suite("What a definition says of its runs")
struct PurityTests {
    @Test("steps that compute leave a definition pure")
    func pure() throws {
        let bench = try WorkflowBench(
            steps: """
                {"id": "it", "type": "set", "next": "share",
                 "config": {"values": {"a": "{{ $random() }}"}}},
                {"id": "share", "type": "split", "branches": {"all": "done"},
                 "config": {"key": "{{ input.caller_number }}", "weights": {"all": 1}}}
                """
        )
        #expect(bench.definition.isPure)
        #expect(!bench.definition.usesHTTP)
    }

    @Test(
        "a step that counts, remembers or asks makes it impure, on whatever path it lies",
        arguments: [
            (
                #"{"type": "limit", "config": {"key": "a", "max": 1, "window_seconds": 60}, "#
                    + #""branches": {"within": "done", "over": "done"}"#, false
            ),
            (
                #"{"type": "sticky", "config": {"key": "a", "ttl_seconds": 60}, "next": "done""#,
                false
            ),
            (
                #"{"type": "http", "config": {"url": "https://crm.example.com/"}, "next": "done""#,
                true
            ),
        ]
    )
    func impure(step: String, usesHTTP: Bool) throws {
        let bench = try WorkflowBench(
            steps: """
                {"id": "it", "type": "condition",
                 "config": {"branches": [{"label": "rare", "when": "{{ input.caller_number = '' }}"}]},
                 "branches": {"rare": "far", "default": "done"}},
                \(step), "id": "far"}
                """
        )
        #expect(!bench.definition.isPure)
        #expect(bench.definition.usesHTTP == usesHTTP)
    }
}
