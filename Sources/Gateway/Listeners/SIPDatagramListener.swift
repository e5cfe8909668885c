import Primitives
import SIP
import Transport

/// SIP over one UDP socket of a loop: reads batches, answers all, sends batches.
final class SIPDatagramListener {
    let socket: UDPSocket
    private let index: UInt32
    /// Addresses that heard requests, for answers that go out later; a handful on any host.
    private var hearingAddresses: [IPAddress] = []
    private var droppedBefore: UInt32 = 0

    init(_ socket: BoundSocket, index: UInt32) throws {
        self.socket = try UDPSocket(socket)
        self.index = index
    }

    /// Serves what waits, a few batches at most; false when the kernel takes no more answers, and the
    /// socket has to become writable first.
    func serve(
        _ service: inout SIPService,
        state: ServingState,
        pipeline: inout CallPipeline,
        loop: inout LoopContext
    ) -> Bool {
        for _ in 0..<Limits.batchesPerTurn {
            let count = socket.receive()
            guard count > 0 else { return true }
            loop.now = Clock.now()
            loop.counters.add(.datagramsReceived, count)
            for position in 0..<count {
                serve(position, &service, state, &pipeline, loop)
            }
            guard flush(loop) else { return false }
            if count < UDPSocket.batchSize { break }
        }
        noteDropped(loop)
        return true
    }

    /// Sends what was appended to the socket's buffer since `start`.
    func queue(from start: Int, by route: ResponseRoute) {
        socket.queue(from: start, to: route.endpoint, speakingFrom: address(route.listener))
    }

    func flush(_ loop: LoopContext) -> Bool {
        guard socket.hasQueued else { return true }
        // RFC 3261 §17.2.4: whose answer could not be sent is told; RFC 6026 §8.8: its transaction goes on.
        let unsentBefore = socket.unsent
        defer { loop.counters.add(.answersUnsent, Int(socket.unsent &- unsentBefore)) }
        return socket.flush()
    }

    private func serve(
        _ position: Int,
        _ service: inout SIPService,
        _ state: ServingState,
        _ pipeline: inout CallPipeline,
        _ loop: LoopContext
    ) {
        let source = socket.source(position)
        let listener = UInt32(index) | hearing(position) << 8
        let start = socket.outgoing.count
        var outgoing = ByteBuffer()
        swap(&outgoing, &socket.outgoing)
        let outcome = socket.withDatagram(position) { bytes in
            service.message.parse(bytes, framing: .datagram)
            return service.receive(
                bytes,
                from: SIPService.Origin(source: source, listener: listener, connection: 0),
                state: state,
                pipeline: &pipeline,
                loop: loop,
                into: &outgoing
            )
        }
        swap(&outgoing, &socket.outgoing)
        if case .send(let route) = outcome {
            loop.counters.add(.datagramsSent)
            queue(from: start, by: route)
        }
    }

    /// The place of the hearing address in `hearingAddresses`, plus one; 0 on a socket with one address.
    private func hearing(_ position: Int) -> UInt32 {
        let address = socket.hearingAddress(position)
        guard address != IPAddress(high: 0, low: 0) else { return 0 }
        if let index = hearingAddresses.firstIndex(of: address) { return UInt32(index) + 1 }
        guard hearingAddresses.count < 0xFFFF else { return 0 }
        hearingAddresses.append(address)
        return UInt32(hearingAddresses.count)
    }

    private func address(_ listener: UInt32) -> IPAddress {
        let place = Int(listener >> 8)
        return place > 0 && place <= hearingAddresses.count
            ? hearingAddresses[place - 1] : IPAddress(high: 0, low: 0)
    }

    private func noteDropped(_ loop: LoopContext) {
        guard socket.dropped != droppedBefore else { return }
        loop.counters.add(.datagramsDropped, Int(socket.dropped &- droppedBefore))
        droppedBefore = socket.dropped
    }
}
