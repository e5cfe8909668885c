import Primitives

/// From answers to octets, and what becomes of the connection behind them.
extension HTTPConnection {
    /// Answers the current request, after `.request` or already after `.head`.
    ///
    /// An answer after `.head` to a request with a body leaves the body unread and closes. An
    /// answer that comes when the connection is closed meanwhile is dropped.
    package mutating func respond(
        _ response: borrowing HTTPResponse,
        date: borrowing HTTPDate,
        at now: Instant
    ) {
        clock = now
        switch state {
        case .answering: break
        case .admission where !request.framing.hasBody: break
        case .admission: request.keepsConnection = false
        case .head, .body, .chunks, .blocked, .refusing, .closing, .lingering, .closed: return
        }
        let isLast =
            !request.keepsConnection || response.closesConnection || closesWhenIdle
            || (inputEnded && input.count == requestEnd)
        response.write(
            to: &output,
            date: date,
            persistence: isLast ? .close : request.version == .http10 ? .keepAlive : .implied,
            isHead: request.method == .head
        )
        noteOutput()
        answersPending &+= 1
        if isLast { finish() } else { startRequest() }
    }

    /// Tells the peer what was wrong, once, and ends.
    mutating func refuse(_ refusal: HTTPRefusal, _ date: borrowing HTTPDate) {
        self.refusal = refusal
        var response = HTTPResponse(refusal.status)
        response.contentType = "text/plain; charset=utf-8"
        response.body.append(refusal.status.text)
        response.body.append("\n")
        response.write(
            to: &output,
            date: date,
            persistence: .close,
            isHead: request.method == .head
        )
        noteOutput()
        finish()
    }

    /// Nothing is read any more.
    ///
    /// The peer gets time to read the answer when octets of it may still be on their way; it is
    /// otherwise the one that asked for the close.
    private mutating func finish() {
        var isComplete = false
        if case .answering = state { isComplete = input.count == requestEnd }
        state = .closing(lingers: !isComplete || request.keepsConnection)
        readDeadline = .distantFuture
        input.removeAll()
    }

    /// Goes on with the request behind the current one, unless too many answers wait.
    mutating func startRequest() {
        if case .blocked = state {} else { compact(from: requestEnd) }
        guard answersPending < limits.pipelinedAnswersMax,
            pendingOutput.count < limits.outputBytesMax
        else {
            state = .blocked
            readDeadline = .distantFuture
            return
        }
        state = .head
        readDeadline =
            clock + (parser.isIdle(input.count) ? limits.idleTimeout : limits.headTimeout)
    }

    /// Lets go of the octets before `end`.
    ///
    /// What follows is moved down only when many have piled up in front of it, so that a long run of
    /// pipelined requests stays linear.
    private mutating func compact(from end: Int) {
        request.removeAll()
        if end >= input.count {
            let isLarge = input.capacity > limits.headBytesMax
            input.removeAll(keepingCapacity: !isLarge)
            parser.restart(at: 0)
        } else if end >= limits.headBytesMax {
            input.removeSubrange(0..<end)
            parser.restart(at: 0)
        } else {
            parser.restart(at: end)
        }
    }

    /// Starts the clock of sending with the first octet that waits.
    mutating func noteOutput() {
        if writeDeadline == .distantFuture { writeDeadline = clock + limits.drainTimeout }
    }
}
