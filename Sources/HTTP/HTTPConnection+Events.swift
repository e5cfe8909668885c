import Primitives

/// What the driver reports: octets, events and time.
extension HTTPConnection {
    /// Takes octets from the peer; `next` makes requests of them.
    ///
    /// All of them are kept: it is `wantsInput` that bounds how much a driver reads.
    package mutating func receive(_ bytes: Span<UInt8>, at now: Instant) {
        clock = now
        guard !bytes.isEmpty, !inputEnded else { return }
        switch state {
        case .head where parser.isIdle(input.count):
            readDeadline = now + limits.headTimeout
        case .body, .chunks:
            readDeadline = min(now + limits.bodyGapTimeout, bodyDeadline)
        case .refusing, .closing, .lingering, .closed: return
        case .head, .admission, .answering, .blocked: break
        }
        unsafe bytes.withUnsafeBufferPointer { unsafe input.append(contentsOf: $0) }
    }

    /// Takes in what happened on the socket.
    package mutating func handle(_ event: Event, at now: Instant) {
        clock = now
        switch event {
        case .peerClosed: inputEnded = true
        case .sent(let count): outputWasSent(count)
        case .failed: close()
        case .stopping: closesWhenIdle = true
        }
    }

    /// Lets time pass: whatever is overdue at `now` ends here.
    package mutating func advance(to now: Instant) {
        clock = now
        if now >= writeDeadline {
            close()
            return
        }
        guard now >= readDeadline else { return }
        readDeadline = .distantFuture
        switch state {
        case .head:
            // A peer between two requests has done nothing wrong, and a 408 could be taken for the
            // answer to a request that is just leaving it: close in silence (RFC 9112 §9.5).
            let isIdle = parser.isIdle(input.count) && requestNumber > 0
            if isIdle { close() } else { state = .refusing(.timeout) }
        case .admission, .body, .chunks: state = .refusing(.timeout)
        case .lingering: close()
        case .answering, .blocked, .refusing, .closing, .closed: break
        }
    }

    private mutating func outputWasSent(_ count: Int) {
        sentCount = min(sentCount &+ max(count, 0), output.count)
        guard sentCount == output.count else {
            if count > 0 { writeDeadline = clock + limits.drainTimeout }
            return
        }
        // A connection that has sent one long list does not keep its memory for the next webhook.
        if output.capacity > limits.outputBytesMax { output = ByteBuffer() }
        output.removeAll()
        sentCount = 0
        answersPending = 0
        writeDeadline = .distantFuture
        if case .blocked = state { startRequest() }
    }

    mutating func close() {
        state = .closed
        readDeadline = .distantFuture
        writeDeadline = .distantFuture
        input.removeAll()
        output = ByteBuffer()
        sentCount = 0
    }
}
