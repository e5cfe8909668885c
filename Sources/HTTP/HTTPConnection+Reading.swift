import Primitives

/// From octets to requests: every transition that reading can cause.
extension HTTPConnection {
    /// Says what to do next; called again and again until it says `.wait`.
    package mutating func next(date: borrowing HTTPDate) -> Step {
        while true {
            do throws(HTTPRefusal) {
                if let step = try proceed(date) { return step }
            } catch {
                state = .refusing(error)
            }
        }
    }

    /// States the route's rule for the body.
    ///
    /// Only after `.head`, and only before the next step.
    package mutating func admit(_ rule: HTTPBodyRule) {
        guard case .admission = state else { return }
        self.rule = rule
    }

    /// One transition; nil when another may follow.
    private mutating func proceed(_ date: borrowing HTTPDate) throws(HTTPRefusal) -> Step? {
        switch state {
        case .head: return try readHead()
        case .admission: try startBody()
        case .body:
            guard input.count >= request.body.upperBound else { return try starve() }
            return completeRequest()
        case .chunks:
            let start = request.body.lowerBound
            let isComplete = try chunks.decode(
                &input,
                bodyBytesMax: rule.bytesMax,
                bodyStart: start,
                limits: limits
            )
            guard isComplete else { return try starve() }
            request.body = ByteSlice(start..<chunks.contentEnd)
            return completeRequest()
        case .answering, .blocked: return .wait
        case .refusing(let refusal): refuse(refusal, date)
        case .closing(let lingers):
            guard pendingOutput.isEmpty else { return .wait }
            guard lingers, !inputEnded else {
                close()
                return nil
            }
            state = .lingering
            readDeadline = clock + limits.lingerTimeout
            return .shutdown
        case .lingering:
            guard inputEnded else { return .wait }
            close()
        case .closed: return .close
        }
        return nil
    }

    private mutating func readHead() throws(HTTPRefusal) -> Step? {
        let isComplete = try parser.parse(input, into: &request, limits: limits)
        guard isComplete else {
            guard parser.isIdle(input.count), inputEnded || closesWhenIdle else {
                return try starve()
            }
            state = .closing(lingers: false)
            return nil
        }
        requestNumber &+= 1
        rule = HTTPBodyRule(bytesMax: limits.bodyBytesMax)
        state = .admission
        return .head
    }

    /// Chooses how the body is read, after the route had its say.
    private mutating func startBody() throws(HTTPRefusal) {
        let start = request.body.lowerBound
        switch request.framing {
        case .none:
            // RFC 9112 §6.3 rule 7: without either length a request has no body.
            guard !rule.isRequired else { throw .lengthRequired }
            state = .body
        case .length(let length):
            guard length <= rule.bytesMax else { throw .bodyTooLarge }
            request.body = ByteSlice(start: start, count: length)
            state = .body
        case .chunked:
            chunks.restart(at: start)
            state = .chunks
        }
        bodyDeadline = clock + limits.bodyTimeout
        readDeadline = min(clock + limits.bodyGapTimeout, bodyDeadline)
        // RFC 9110 §10.1.1: with octets of the body at hand the peer did not wait after all.
        if request.expectsContinue, input.count == start {
            output.append("HTTP/1.1 100 Continue\r\n\r\n")
            noteOutput()
        }
    }

    private mutating func completeRequest() -> Step {
        state = .answering
        readDeadline = .distantFuture
        return .request
    }

    /// Waits for octets, or refuses when there will be no more: a request cut short is never
    /// served (RFC 9112 §8).
    private func starve() throws(HTTPRefusal) -> Step {
        guard !inputEnded else { throw .truncated }
        return .wait
    }
}
