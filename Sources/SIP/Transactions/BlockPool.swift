import Primitives

/// Blocks of one size, in chunks that are made when they are needed.
///
/// The lowest free block is taken first, so that after a flood the upper chunks empty and are given
/// back; a few empty ones stay, because traffic comes in waves. With n blocks in use at most, there
/// are never more chunks than n blocks fill.
struct BlockPool: ~Copyable, Sendable {
    private let blockBytes: Int
    private let blocksPerChunk: Int
    private let chunksMax: Int
    private let spareChunks: Int
    /// What `Chunk.used` is when all blocks are in use.
    private let full: UInt64
    private var chunks: [Chunk] = []
    /// One bit for each chunk that has a free block, or is not made.
    private var withRoom: [UInt64] = []
    private var emptyChunks = 0
    private var madeChunks = 0

    private struct Chunk {
        /// Empty: not made, or given back.
        var bytes: [UInt8] = []
        /// One bit for each block in use.
        var used: UInt64 = 0
    }

    /// A pool of at most `chunksMax` chunks with 1 to 64 blocks each, of which `spareChunks` stay
    /// though nothing is in them.
    init(blockBytes: Int, blocksPerChunk: Int, chunksMax: Int = .max, spareChunks: Int) {
        precondition((1...64).contains(blocksPerChunk))
        self.blockBytes = blockBytes
        self.blocksPerChunk = blocksPerChunk
        self.chunksMax = chunksMax
        self.spareChunks = spareChunks
        full = .max >> UInt64(64 - blocksPerChunk)
    }

    /// Bytes of all chunks.
    var memory: Int { madeChunks * blocksPerChunk * blockBytes }

    /// Copies `bytes` into the lowest free block; nil if there is none or they are too long.
    mutating func store(_ bytes: Span<UInt8>) -> UInt32? {
        guard bytes.count <= blockBytes, let chunk = chunkWithRoom() else { return nil }
        if chunks[chunk].bytes.isEmpty {
            chunks[chunk].bytes = Array(repeating: 0, count: blocksPerChunk * blockBytes)
            madeChunks += 1
        } else if chunks[chunk].used == 0 {
            emptyChunks -= 1
        }
        let place = (~chunks[chunk].used).trailingZeroBitCount
        chunks[chunk].used |= 1 << UInt64(place)
        if chunks[chunk].used == full { withRoom[chunk / 64] &= ~(1 << UInt64(chunk % 64)) }
        chunks[chunk].bytes.overwrite(from: place * blockBytes, with: bytes)
        return UInt32(truncatingIfNeeded: chunk * blocksPerChunk + place)
    }

    /// Takes a block back.
    mutating func free(_ block: UInt32) {
        let chunk = Int(block) / blocksPerChunk
        withRoom[chunk / 64] |= 1 << UInt64(chunk % 64)
        chunks[chunk].used &= ~(1 << UInt64(Int(block) % blocksPerChunk))
        guard chunks[chunk].used == 0 else { return }
        if emptyChunks < spareChunks {
            emptyChunks += 1
        } else {
            chunks[chunk].bytes = []
            madeChunks -= 1
        }
    }

    /// Shows the first `count` bytes of a block.
    func read(_ block: UInt32, _ count: Int, _ body: (Span<UInt8>) -> Void) {
        let start = Int(block) % blocksPerChunk * blockBytes
        let bytes = chunks[Int(block) / blocksPerChunk].bytes
        body(bytes.span.extracting(start..<start + count))
    }

    private mutating func chunkWithRoom() -> Int? {
        for word in withRoom.indices where withRoom[word] != 0 {
            return word * 64 + withRoom[word].trailingZeroBitCount
        }
        guard chunks.count < chunksMax else { return nil }
        chunks.append(Chunk())
        let chunk = chunks.count - 1
        if chunk % 64 == 0 { withRoom.append(0) }
        withRoom[chunk / 64] |= 1 << UInt64(chunk % 64)
        return chunk
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
