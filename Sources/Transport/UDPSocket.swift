import CLinux
import Glibc
import Primitives

/// A bound UDP socket that receives and sends in batches: one system call for up to 64 datagrams.
///
/// Belongs to one event loop. Received bytes are valid until the next `receive()`. Answers are
/// collected in `outgoing` and leave with `flush()`, from the address that heard the request.
package final class UDPSocket {
    package let descriptor: Int32
    package let local: IPEndpoint
    /// Datagrams that the kernel dropped because this socket's queue was full (SO_RXQ_OVFL).
    package private(set) var dropped: UInt32 = 0
    /// Datagrams that the kernel refused to send: too large, or no way to the destination.
    package private(set) var unsent: UInt64 = 0
    /// What is to be sent; append the bytes here, then call `queue`.
    package var outgoing: ByteBuffer

    private let batch: OpaquePointer
    private var received: [clinux_datagram]
    private var queued: [clinux_datagram] = []

    /// Takes over the descriptor of a bound socket for datagrams.
    package init(_ socket: BoundSocket) throws(SystemError) {
        guard let batch = clinux_batch_create(Int32(Self.batchSize), Self.slotBytes) else {
            throw SystemError("allocate room for datagrams", code: ENOMEM)
        }
        descriptor = socket.descriptor
        local = socket.local
        self.batch = batch
        received = Array(repeating: clinux_datagram(), count: Self.batchSize)
        queued.reserveCapacity(Self.batchSize * 2)
        outgoing = ByteBuffer(capacity: Self.batchSize * 1_500)
    }

    deinit {
        clinux_batch_destroy(batch)
        close(descriptor)
    }

    /// Reads up to a batch; 0 when nothing waits.
    package func receive() -> Int {
        let count = clinux_batch_receive(batch, descriptor, &received, &dropped)
        return max(0, Int(count))
    }

    /// Where a datagram of the batch came from.
    package func source(_ index: Int) -> IPEndpoint {
        IPEndpoint(received[index].remote)
    }

    /// Calls `body` with the bytes of a received datagram.
    package func withDatagram<Result>(
        _ index: Int,
        _ body: (Span<UInt8>) throws -> Result
    ) rethrows -> Result {
        let datagram = received[index]
        let start = clinux_batch_bytes(batch) + Int(datagram.offset)
        let bytes = UnsafeBufferPointer(start: start, count: Int(datagram.count))
        return try body(bytes.span)
    }

    /// The address that heard a datagram, for answers that are sent later; unspecified if there is
    /// only one.
    package func hearingAddress(_ index: Int) -> IPAddress {
        IPEndpoint(received[index].local).address
    }

    /// Marks what was appended to `outgoing` since `start` as one datagram.
    package func queue(from start: Int, to remote: IPEndpoint, speakingFrom local: IPAddress) {
        let count = outgoing.count - start
        guard count > 0 else { return }
        queued.append(
            clinux_datagram(
                offset: UInt32(truncatingIfNeeded: start),
                count: UInt32(truncatingIfNeeded: count),
                remote: remote.system,
                local: IPEndpoint(address: local, port: 0).system
            )
        )
    }

    package var hasQueued: Bool { !queued.isEmpty }

    /// Sends what is queued.
    ///
    /// False: the kernel's buffer is full; call again once writable.
    package func flush() -> Bool {
        var sent = 0
        while sent < queued.count {
            let count = send(queued.span.extracting(sent...), of: outgoing.span)
            if count > 0 {
                sent += Int(count)
            } else if count == -EAGAIN || count == -ENOBUFS {
                queued.removeFirst(sent)
                return false
            } else {
                // The error belongs to the first datagram alone; the others still go out.
                unsent &+= 1
                sent += 1
            }
        }
        queued.removeAll(keepingCapacity: true)
        outgoing.removeAll()
        return true
    }

    /// Hands datagrams to the kernel; how many it took, or the error of the first, negative.
    private func send(_ datagrams: Span<clinux_datagram>, of bytes: Span<UInt8>) -> Int32 {
        bytes.withUnsafeBufferPointer { bytes in
            datagrams.withUnsafeBufferPointer { datagrams in
                clinux_batch_send(
                    batch,
                    descriptor,
                    bytes.baseAddress,
                    datagrams.baseAddress,
                    Int32(clamping: datagrams.count)
                )
            }
        }
    }

    /// Datagrams for each system call.
    package static let batchSize = 64
    /// The largest UDP payload, 65,535 bytes, plus an odd number of cache lines, so that the slots of
    /// a batch do not fall into the same sets of the cache.
    private static let slotBytes = 65_536 + 5 * 64
}
