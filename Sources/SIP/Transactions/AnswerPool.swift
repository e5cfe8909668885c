import Primitives

/// The memory of the answers that may have to be sent again.
///
/// An answer takes a block of 768 bytes, which holds the usual 302, or of 1,536, which holds all that
/// fits an Ethernet frame; the rare larger one takes one of a few large blocks.
struct AnswerPool: ~Copyable, Sendable {
    private var short = BlockPool(blockBytes: 768, blocksPerChunk: 64, spareChunks: 8)
    private var usual = BlockPool(blockBytes: 1_536, blocksPerChunk: 64, spareChunks: 8)
    /// Larger answers exist on streams only, where nothing is retransmitted unasked: 4 MiB are ample.
    private var large = BlockPool(
        blockBytes: 65_535,
        blocksPerChunk: 1,
        chunksMax: 64,
        spareChunks: 4
    )
    /// How many answers are kept.
    private(set) var count = 0

    /// An answer in the pool; `.none` takes no memory.
    struct Answer: Hashable, Sendable, BitwiseCopyable {
        fileprivate var size: Size
        fileprivate var block: UInt32
        fileprivate var count: UInt32

        static let none = Answer(size: .none, block: 0, count: 0)
    }

    fileprivate enum Size: UInt8 {
        case none, short, usual, large
    }

    /// Bytes that are taken, in use or spare.
    var memory: Int { short.memory + usual.memory + large.memory }

    /// Copies `bytes`; nil if they are longer than any message, or no large block is left for them.
    mutating func store(_ bytes: Span<UInt8>) -> Answer? {
        let size: Size = bytes.count <= 768 ? .short : bytes.count <= 1_536 ? .usual : .large
        let block: UInt32? =
            switch size {
            case .none: nil
            case .short: short.store(bytes)
            case .usual: usual.store(bytes)
            case .large: large.store(bytes)
            }
        guard let block else { return nil }
        count &+= 1
        return Answer(size: size, block: block, count: UInt32(truncatingIfNeeded: bytes.count))
    }

    /// Takes the memory of `answer` back.
    mutating func free(_ answer: Answer) {
        switch answer.size {
        case .none: return
        case .short: short.free(answer.block)
        case .usual: usual.free(answer.block)
        case .large: large.free(answer.block)
        }
        count &-= 1
    }

    /// Shows the bytes of `answer`.
    func read(_ answer: Answer, _ body: (Span<UInt8>) -> Void) {
        switch answer.size {
        case .none: return
        case .short: short.read(answer.block, Int(answer.count), body)
        case .usual: usual.read(answer.block, Int(answer.count), body)
        case .large: large.read(answer.block, Int(answer.count), body)
        }
    }
}
