import Primitives

/// The memory of the answers that may have to be sent again.
///
/// An answer takes a block of 1,536 bytes, which holds all that fits an Ethernet frame; the rare larger
/// one takes one of a few large blocks. Blocks are used again, and never given back.
struct AnswerPool: ~Copyable, Sendable {
    private var chunks: [[UInt8]] = []
    private var freeBlocks: [UInt32] = []
    private var largeBlocks: [[UInt8]] = []
    private var freeLargeBlocks: [UInt32] = []
    /// How many answers are kept.
    private(set) var count = 0

    /// An answer in the pool; `.none` takes no memory.
    struct Answer: Hashable, Sendable, BitwiseCopyable {
        fileprivate var block: UInt32
        fileprivate var count: UInt32

        static let none = Answer(block: .max, count: 0)
    }

    /// Copies `bytes`; nil if they are longer than any message, or no large block is left for them.
    mutating func store(_ bytes: Span<UInt8>) -> Answer? {
        guard bytes.count > blockSize else { return storeInBlock(bytes) }
        guard bytes.count <= largeAnswerBytesMax else { return nil }
        return storeInLargeBlock(bytes)
    }

    /// Takes the memory of `answer` back.
    mutating func free(_ answer: Answer) {
        guard answer != .none else { return }
        count &-= 1
        if answer.block & largeMark != 0 {
            freeLargeBlocks.append(answer.block)
        } else {
            freeBlocks.append(answer.block)
        }
    }

    /// Shows the bytes of `answer`.
    func read(_ answer: Answer, _ body: (Span<UInt8>) -> Void) {
        guard answer != .none else { return }
        let isLarge = answer.block & largeMark != 0
        let start = isLarge ? 0 : Int(answer.block) % blocksPerChunk * blockSize
        let memory =
            isLarge
            ? largeBlocks[Int(answer.block & ~largeMark)]
            : chunks[Int(answer.block) / blocksPerChunk]
        body(memory.span.extracting(start..<start + Int(answer.count)))
    }

    private mutating func storeInBlock(_ bytes: Span<UInt8>) -> Answer {
        if freeBlocks.isEmpty { addChunk() }
        let block = freeBlocks.removeLast()
        let start = Int(block) % blocksPerChunk * blockSize
        chunks[Int(block) / blocksPerChunk].overwrite(from: start, with: bytes)
        count &+= 1
        return Answer(block: block, count: UInt32(truncatingIfNeeded: bytes.count))
    }

    private mutating func storeInLargeBlock(_ bytes: Span<UInt8>) -> Answer? {
        if freeLargeBlocks.isEmpty {
            guard largeBlocks.count < largeBlocksMax else { return nil }
            freeLargeBlocks.append(largeMark | UInt32(truncatingIfNeeded: largeBlocks.count))
            largeBlocks.append(Array(repeating: 0, count: largeAnswerBytesMax))
        }
        let block = freeLargeBlocks.removeLast()
        largeBlocks[Int(block & ~largeMark)].overwrite(from: 0, with: bytes)
        count &+= 1
        return Answer(block: block, count: UInt32(truncatingIfNeeded: bytes.count))
    }

    private mutating func addChunk() {
        let first = chunks.count * blocksPerChunk
        chunks.append(Array(repeating: 0, count: blocksPerChunk * blockSize))
        for block in (first..<first + blocksPerChunk).reversed() {
            freeBlocks.append(UInt32(truncatingIfNeeded: block))
        }
        // Room for all blocks, so that giving one back never allocates.
        freeBlocks.reserveCapacity(first + blocksPerChunk)
    }
}

extension [UInt8] {
    /// Replaces the bytes from `start` on; the caller has made sure that they fit.
    fileprivate mutating func overwrite(from start: Int, with bytes: Span<UInt8>) {
        unsafe withUnsafeMutableBufferPointer { room in
            unsafe bytes.withUnsafeBufferPointer { source in
                let target = room.extracting(start..<start + source.count)
                _ = unsafe target.update(fromContentsOf: source)
            }
        }
    }
}

private let blockSize = 1_536
private let blocksPerChunk = 64
/// The longest message on any transport.
private let largeAnswerBytesMax = 65_535
/// Larger answers exist on streams only, where nothing is retransmitted unasked: 4 MiB are ample.
private let largeBlocksMax = 64
private let largeMark: UInt32 = 0x8000_0000
