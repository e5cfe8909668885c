import Glibc
import Primitives
import Synchronization

/// The way of lines from one event loop to the thread that writes them, call records and the log: bytes
/// in a fixed ring, one thread at each end, no lock.
///
/// A full ring refuses the line and counts it; the call never waits.
///
/// Each line is framed by 16 bytes: its length and an id, which for a record is that of its decision.
/// A ring that has become empty begins anew at the start of the room, so that only as much memory is
/// ever touched as lines have waited at a time; what a slow disk has made of that is given back later.
///
/// Invariant: 0 ≤ written − read ≤ capacity; only the loop moves `written`, only the writer `read`.
package final class LineRing: Sendable {
    private nonisolated(unsafe) let room: UnsafeMutableRawBufferPointer
    private let mask: Int
    private let written = Atomic<Int>(0)
    /// The position that is at the start of the room.
    ///
    /// The loop moves it while nothing is in the ring, so that the writer never reads lines by another
    /// origin than they were written by.
    private let origin = Atomic<Int>(0)
    private let read = Atomic<Int>(0)
    /// How far the room has been written to; the loop's own.
    private let touched = Atomic<Int>(0)
    /// Lines that found the ring full.
    package let lost = Atomic<UInt64>(0)

    /// - Parameter capacity: bytes, a power of two.
    package init(capacity: Int) {
        precondition(capacity > 64 && capacity.nonzeroBitCount == 1)
        room = .allocate(byteCount: capacity, alignment: 64)
        mask = capacity - 1
    }

    deinit {
        room.deallocate()
    }

    private static let frameBytes = 16

    /// Called by the loop.
    ///
    /// False: there was no room, and the line is counted as lost.
    @discardableResult
    package func append(id: UInt64 = 0, _ line: Span<UInt8>) -> Bool {
        let start = written.load(ordering: .relaxed)
        let used = start &- read.load(ordering: .acquiring)
        guard used &+ Self.frameBytes &+ line.count <= room.count else {
            lost.wrappingAdd(1, ordering: .relaxed)
            return false
        }
        if used == 0 { origin.store(start, ordering: .relaxed) }
        let place = start &- origin.load(ordering: .relaxed)
        withUnsafeBytes(of: (UInt64(line.count), id)) { put($0, at: place) }
        line.withUnsafeBytes { put($0, at: place &+ Self.frameBytes) }
        let end = min(place &+ Self.frameBytes &+ line.count, room.count)
        if end > touched.load(ordering: .relaxed) { touched.store(end, ordering: .relaxed) }
        written.store(start &+ Self.frameBytes &+ line.count, ordering: .releasing)
        return true
    }

    /// Called by the loop now and then: gives the memory of a burst back to the system, unless lines wait
    /// in it.
    package func giveBack() {
        let end = touched.load(ordering: .relaxed)
        guard end > Self.keptBytes, let start = room.baseAddress,
            read.load(ordering: .acquiring) == written.load(ordering: .relaxed)
        else { return }
        let page = Int(getpagesize())
        // The ring begins within a page; what is left of that page stays.
        let first = (Int(bitPattern: start) + Self.keptBytes + page - 1) / page * page
        let last = (Int(bitPattern: start) + end) / page * page
        if first < last {
            madvise(UnsafeMutableRawPointer(bitPattern: first), last - first, MADV_DONTNEED)
        }
        touched.store(Self.keptBytes, ordering: .relaxed)
    }

    /// As much as a busy second touches between two visits of the writer.
    private static let keptBytes = 256 << 10

    /// Called by the writer: moves every whole line to the end of `lines`, until that has `limit` bytes or
    /// more, unless `isRepeated` says that its id has been written before.
    ///
    /// Returns how many there were.
    @discardableResult
    package func drain(
        into lines: inout ByteBuffer,
        limit: Int = .max,
        isRepeated: (UInt64) -> Bool = { _ in false }
    ) -> Int {
        let end = written.load(ordering: .acquiring)
        // Written before the `written` that was just seen.
        let origin = origin.load(ordering: .relaxed)
        var position = read.load(ordering: .relaxed)
        var count = 0
        while position != end, lines.count < limit {
            var frame: (length: UInt64, id: UInt64) = (0, 0)
            withUnsafeMutableBytes(of: &frame) { get(into: $0, at: position &- origin) }
            position &+= Self.frameBytes
            let length = Int(truncatingIfNeeded: frame.length)
            if !isRepeated(frame.id) { copy(length, at: position &- origin, to: &lines) }
            position &+= length
            count += 1
        }
        read.store(position, ordering: .releasing)
        return count
    }

    private func put(_ bytes: UnsafeRawBufferPointer, at place: Int) {
        let start = place & mask
        let first = min(bytes.count, room.count - start)
        guard let source = bytes.baseAddress, let target = room.baseAddress else { return }
        (target + start).copyMemory(from: source, byteCount: first)
        target.copyMemory(from: source + first, byteCount: bytes.count - first)
    }

    private func get(into bytes: UnsafeMutableRawBufferPointer, at place: Int) {
        let start = place & mask
        let first = min(bytes.count, room.count - start)
        guard let target = bytes.baseAddress, let source = room.baseAddress else { return }
        target.copyMemory(from: source + start, byteCount: first)
        (target + first).copyMemory(from: source, byteCount: bytes.count - first)
    }

    private func copy(_ count: Int, at place: Int, to lines: inout ByteBuffer) {
        let start = place & mask
        let first = min(count, room.count - start)
        append(start, first, to: &lines)
        append(0, count - first, to: &lines)
    }

    private func append(_ start: Int, _ count: Int, to lines: inout ByteBuffer) {
        let part = UnsafeRawBufferPointer(rebasing: room[start..<(start + count)])
        part.withMemoryRebound(to: UInt8.self) { lines.append($0.span) }
    }
}
