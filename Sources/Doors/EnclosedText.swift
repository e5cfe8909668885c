import Primitives
import Routing

/// What is written about a call into the URI of a target: the call's id, the agent's, and what the
/// decision encloses.
///
/// In a URI every value is percent-encoded (RFC 3261 §19.1.5). A follower undoes that and may put the
/// value into a header of its own INVITE, so that a value must not hold a control octet even then:
/// those stand in it as `%XX`, and so does a `%` that two hexadecimal digits follow. An agent that
/// undoes the escapes of the value once more has the text as the workflow wrote it.
struct EnclosedText {
    let call: UInt64
    let agentID: String
    /// Percent-encoded, ready for a URI; empty for none.
    private(set) var metadata = ByteBuffer()
    private(set) var context = ByteBuffer()

    init(_ decision: Decision, call: UInt64, directory: DirectorySnapshot) {
        self.call = call
        agentID = directory.agent(decision.agent)?.id ?? ""
        guard let enclosure = decision.enclosure else { return }
        Self.encode(enclosure.metadata, into: &metadata)
        Self.encode(enclosure.context, into: &context)
    }

    /// Which parts there are.
    var parts: Enclosure.Parts {
        var parts = Enclosure.Parts.call
        if !agentID.isEmpty { parts.insert(.agent) }
        if !metadata.isEmpty { parts.insert(.metadata) }
        if !context.isEmpty { parts.insert(.context) }
        return parts
    }

    /// How many octets the value of a part takes in a URI.
    func byteCount(of part: Enclosure.Parts) -> Int {
        switch part {
        case .call: 16
        case .agent: agentID.percentEncodedCount
        case .metadata: metadata.count
        case .context: context.count
        default: 0
        }
    }

    /// Appends the value of a part.
    func append(_ part: Enclosure.Parts, to out: inout ByteBuffer) {
        switch part {
        case .call: out.appendHex(call)
        case .agent: out.appendPercentEncoded(agentID)
        case .metadata: out.append(metadata.span)
        case .context: out.append(context.span)
        default: break
        }
    }

    /// The parts in the order in which they get room: what finds the rest again comes first.
    static let order: InlineArray<4, Enclosure.Parts> = [.call, .agent, .metadata, .context]

    /// The name of a part's header.
    static func headerName(of part: Enclosure.Parts) -> StaticString {
        switch part {
        case .call: "X-Trunkline-Call"
        case .agent: "X-Trunkline-Agent"
        case .metadata: "X-Trunkline-Metadata"
        case .context: "X-Trunkline-Context"
        default: ""
        }
    }

    private static func encode(_ text: [UInt8], into out: inout ByteBuffer) {
        guard !text.isEmpty else { return }
        var value = ByteBuffer(capacity: text.count)
        for index in text.indices {
            let byte = text[index]
            if ASCII.isControl(byte) || text.span.percentDecoded(at: index) != nil {
                value.appendPercentEncoded(text.span.extracting(index..<(index + 1)))
            } else {
                value.append(byte)
            }
        }
        out.appendPercentEncoded(value.span)
    }
}
