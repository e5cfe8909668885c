import Primitives
import Routing
import Synchronization

/// What went along with calls, for agents whose carrier did not hand it to them: it can be fetched once.
///
/// The gateway that answered a call keeps it for all its loops, for `Limits.contextMemory`, and all of
/// them in `Limits.contextBytes`: beyond that the oldest goes first. Only calls with something to take
/// along take the lock.
package final class CallContexts: Sendable {
    private let kept = Mutex(Kept())
    private let bytesMax: Int

    package init(bytesMax: Int = Limits.contextBytes) {
        self.bytesMax = bytesMax
    }

    /// Who got a call, and what went along with it.
    package struct Context: Sendable {
        package var organization: String
        /// Empty where a workflow named targets and no agent.
        package var agent: String
        package var version: Int
        package var enclosure: Enclosure

        package init(organization: String, agent: String, version: Int, enclosure: Enclosure) {
            self.organization = organization
            self.agent = agent
            self.version = version
            self.enclosure = enclosure
        }
    }

    fileprivate struct Kept: ~Copyable {
        var rows: [UInt64: Row] = [:]
        var order = ExpiryQueue<UInt64>()
        var byteCount = 0
    }

    fileprivate struct Row {
        /// Nil once it was fetched.
        var context: Context?
        /// How many decisions were made about the call before.
        var step: Int
        var end: Instant
    }

    /// Keeps what goes along with a call; a decision that was made before changes nothing.
    package func keep(_ context: Context, of call: UInt64, step: Int, at now: Instant) {
        kept.withLock { kept in
            kept.forget(until: now)
            if let row = kept.rows[call], row.step >= step { return }
            let end = now + Limits.contextMemory
            kept.remove(call)
            kept.rows[call] = Row(context: context, step: step, end: end)
            kept.order.append(call, until: end)
            kept.byteCount += context.byteCount
            while kept.byteCount > bytesMax, kept.order.count > 0 { kept.forgetOldest() }
        }
    }

    /// Hands out what went along with a call of `organization`, nil: of any; and forgets it.
    package func take(
        _ call: UInt64,
        of organization: String?,
        at now: Instant
    ) -> Context? {
        kept.withLock { kept in
            kept.forget(until: now)
            guard let context = kept.rows[call]?.context,
                organization == nil || organization == context.organization
            else { return nil }
            kept.rows[call]?.context = nil
            kept.byteCount -= context.byteCount - Context.rowByteCount
            return context
        }
    }
}

extension CallContexts.Kept {
    fileprivate mutating func forget(until now: Instant) {
        while let end = order.nextDeadline, end <= now { forgetOldest() }
    }

    fileprivate mutating func forgetOldest() {
        guard let oldest = order.oldest, let end = order.nextDeadline else { return }
        order.removeOldest()
        // A later decision about the call has an entry of its own.
        if rows[oldest.element]?.end == end { remove(oldest.element) }
    }

    fileprivate mutating func remove(_ call: UInt64) {
        guard let row = rows.removeValue(forKey: call) else { return }
        byteCount -= row.context?.byteCount ?? CallContexts.Context.rowByteCount
    }
}

extension CallContexts.Context {
    /// The row, its place in the queue, and the objects that hold the texts.
    fileprivate static let rowByteCount = 300

    /// About what it takes, the row included.
    fileprivate var byteCount: Int {
        enclosure.context.count + enclosure.metadata.count + Self.rowByteCount
    }

    /// `{"call","organization","agent","version","initial_context","custom_metadata"}`; what there is not
    /// is left out.
    package func write(call: UInt64, to out: inout ByteBuffer) {
        out.append("{\"call\":\"")
        out.appendHex(call)
        out.append("\",\"organization\":")
        out.appendJSONString(organization)
        if !agent.isEmpty {
            out.append(",\"agent\":")
            out.appendJSONString(agent)
            out.append(",\"version\":")
            out.appendDecimal(version)
        }
        let context = enclosure.context
        if !context.isEmpty {
            out.append(",\"initial_context\":")
            out.appendJSONString(context.span)
        }
        let metadata = enclosure.metadata
        if !metadata.isEmpty {
            out.append(",\"custom_metadata\":")
            out.append(metadata.span)
        }
        out.append("}\n")
    }
}
