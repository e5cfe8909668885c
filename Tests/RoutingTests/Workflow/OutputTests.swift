import JSONata
import Primitives
import Routing
import Testing

@Suite("The output of a workflow")
struct OutputTests {
    /// Runs a workflow whose output has these fields, each the value of an expression.
    static func run(_ fields: String) throws -> WorkflowBench.Started {
        var bench = try WorkflowBench(
            """
            {"steps": [{"id": "trigger", "type": "trigger", "next": "out"},
              {"id": "out", "type": "output", "config": {"fields": [\(fields)]}}]}
            """
        )
        return bench.start()
    }

    static func field(_ name: String, _ expression: String) -> String {
        #"{"name": "\#(name)", "value": "{{ input.door = 'sip' ? \#(expression) }}"}"#
    }

    @Test("every field of the contract is taken over")
    func allFields() throws {
        let output = try #require(
            try Self.run(
                [
                    Self.field("agent_id", "'sales'"), Self.field("version", "1"),
                    Self.field("initial_context", "'hello'"),
                    Self.field("custom_metadata", "{'a': [1]}"),
                    Self.field("targets", "['sip:a@example.com', 'tel:+12125550123']"),
                    Self.field("label", "'l'"), Self.field("reject", "false"),
                    Self.field("reject_reason", "'unavailable'"),
                ]
                .joined(separator: ",")
            ).output
        )
        #expect(output.agentID == "sales")
        #expect(output.version == 1)
        #expect(output.initialContext == "hello")
        #expect(JSONValue.object(output.customMetadata) == ["a": [1]])
        #expect(output.targets == ["sip:a@example.com", "tel:+12125550123"])
        #expect(output.label == "l")
        #expect(output.rejectReason == .unavailable)
        #expect(!output.rejects)
    }

    @Test(
        "nothing is coerced: a field of the wrong type is a failure",
        arguments: [
            ("reject", "'true'"), ("reject", "1"), ("agent_id", "5"), ("agent_id", "null"),
            ("agent_id", "''"), ("version", "'1'"), ("version", "1.5"), ("version", "0"),
            ("version", "1e12"), ("initial_context", "{}"), ("custom_metadata", "'{}'"),
            ("custom_metadata", "[1,2]"), ("targets", "'sip:a@example.com'"), ("targets", "[1]"),
            ("reject_reason", "'rude'"), ("label", "true"),
        ]
    )
    func wrongTypes(name: String, expression: String) throws {
        var fields = [Self.field(name, expression)]
        if name != "agent_id" { fields.append(Self.field("agent_id", "'sales'")) }
        let failure = try Self.run(fields.joined(separator: ",")).failure
        #expect(failure?.fault.name == "wrong_type")
        #expect(failure?.fault.message.hasPrefix(name) == true)
    }

    @Test("an output without reject, agent and targets is a failure")
    func noAnswer() throws {
        #expect(try Self.run(Self.field("label", "'x'")).failure?.fault.name == "no_answer")
        #expect(
            try Self.run(Self.field("agent_id", "input.nothing")).failure?.fault.name == "no_answer"
        )
        #expect(try Self.run(Self.field("targets", "[]")).failure?.fault.name == "no_answer")
    }

    @Test("an agent or version that cannot take calls is a failure")
    func unusableAgent() throws {
        #expect(
            try Self.run(Self.field("agent_id", "'nobody'")).failure?.fault.name
                == "unusable_agent"
        )
        let fields = [Self.field("agent_id", "'sales'"), Self.field("version", "2")]
        #expect(
            try Self.run(fields.joined(separator: ",")).failure?.fault.name == "unusable_agent"
        )
    }

    @Test("reject needs no agent, and an unusable one does not matter")
    func reject() throws {
        let fields = [Self.field("reject", "true"), Self.field("agent_id", "'nobody'")]
        #expect(try Self.run(fields.joined(separator: ",")).output?.rejects == true)
    }

    @Test("context and metadata have at most 16 KiB")
    func sizes() throws {
        func context(_ count: Int) throws -> WorkflowBench.Started {
            try Self.run(
                [
                    Self.field("agent_id", "'sales'"),
                    Self.field("initial_context", "$pad('', \(count), 'x')"),
                ]
                .joined(separator: ",")
            )
        }
        #expect(try context(16_384).output?.initialContext.utf8.count == 16_384)
        #expect(try context(16_385).failure?.fault.name == "too_long")
        let metadata = [
            Self.field("agent_id", "'sales'"),
            Self.field("custom_metadata", "{'a': $pad('', 16384, 'x')}"),
        ]
        #expect(try Self.run(metadata.joined(separator: ",")).failure?.fault.name == "too_long")
    }

    @Test("metadata counts as JSON, to the last octet")
    func metadataSize() throws {
        // {"a":"…"} takes eight octets beside the text, and a control character six.
        for (text, count) in [("x", 16_376), ("\\u0001", 2_729)] {
            func metadata(_ count: Int) throws -> WorkflowBench.Started {
                let fields = [
                    Self.field("agent_id", "'sales'"),
                    Self.field("custom_metadata", "{'a': $pad('', \(count), '\(text)')}"),
                ]
                return try Self.run(fields.joined(separator: ","))
            }
            #expect(try metadata(count).output?.customMetadata.isEmpty == false)
            #expect(try metadata(count + 1).failure?.fault.name == "too_long")
        }
    }

    @Test("ten targets, and labels and agents' ids of 256 octets: one more is a failure")
    func otherSizes() throws {
        func targets(_ count: Int) throws -> WorkflowBench.Started {
            let list = Array(repeating: "'sip:a@example.com'", count: count)
            return try Self.run(Self.field("targets", "[\(list.joined(separator: ","))]"))
        }
        #expect(try targets(10).output?.targets?.count == 10)
        #expect(try targets(11).failure?.fault.name == "wrong_type")
        func text(_ name: String, _ count: Int) throws -> WorkflowBench.Started {
            var fields = [Self.field(name, "$pad('', \(count), 'x')")]
            if name != "agent_id" { fields.append(Self.field("agent_id", "'sales'")) }
            return try Self.run(fields.joined(separator: ","))
        }
        #expect(try text("label", 256).output?.label?.utf8.count == 256)
        #expect(try text("label", 257).failure?.fault.name == "too_long")
        #expect(try text("agent_id", 256).failure?.fault.name == "unusable_agent")
        #expect(try text("agent_id", 257).failure?.fault.name == "too_long")
    }

    @Test("a target to which no call can be sent is a failure")
    func unusableTarget() throws {
        #expect(
            try Self.run(Self.field("targets", "['ftp://example.com', 'x']")).failure?.fault.name
                == "unusable_target"
        )
        let told = try Self.run(Self.field("targets", "['http://example.com']")).failure
        #expect(told?.fault.message.contains("write wss: or https:") == true)
    }

    @Test("unknown fields are ignored and noted")
    func unknownField() throws {
        let fields = [Self.field("agent_id", "'sales'"), Self.field("colour", "'red'")]
        let run = try Self.run(fields.joined(separator: ","))
        #expect(run.output?.agentID == "sales")
        #expect(run.explanation.text.contains("the output field colour is not known and ignored"))
    }

    @Test("an expression of an unknown field is not evaluated, so that it can fail no call")
    func failingUnknownField() throws {
        let fields = [Self.field("agent_id", "'sales'"), Self.field("colour", "1 + 'a'")]
        #expect(try Self.run(fields.joined(separator: ",")).output?.agentID == "sales")
    }
}
