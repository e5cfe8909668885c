/// Signs webhooks as the description of the algorithm says, word for word, sharing nothing with the
/// code under test: its own SHA-1, SHA-256, HMAC and Base64.
enum ReferenceSignature {
    static func sign(
        url: String,
        parameters: [(String, String)],
        key: String,
        isSHA256: Bool = false
    ) -> String {
        let sorted = Set(parameters.map { [Array($0.0.utf8), Array($0.1.utf8)] })
            .sorted { left, right in
                left[0] != right[0]
                    ? left[0].lexicographicallyPrecedes(right[0])
                    : left[1].lexicographicallyPrecedes(right[1])
            }
        let message = Array(url.utf8) + sorted.flatMap { $0[0] + $0[1] }
        return base64(hmac(key: Array(key.utf8), message, isSHA256 ? sha256 : sha1))
    }

    static func hmac(key: [UInt8], _ message: [UInt8], _ hash: ([UInt8]) -> [UInt8]) -> [UInt8] {
        var block = key.count > 64 ? hash(key) : key
        block += [UInt8](repeating: 0, count: 64 - block.count)
        return hash(block.map { $0 ^ 0x5C } + hash(block.map { $0 ^ 0x36 } + message))
    }

    static func sha1(_ message: [UInt8]) -> [UInt8] {
        var state: [UInt32] = [
            0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0,
        ]
        for chunk in words(of: message) {
            var schedule = chunk
            for t in 16..<80 {
                let word =
                    schedule[t - 3] ^ schedule[t - 8] ^ schedule[t - 14] ^ schedule[t - 16]
                schedule.append(word << 1 | word >> 31)
            }
            var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
            for t in 0..<80 {
                let (f, k): (UInt32, UInt32) =
                    switch t {
                    case ..<20: ((b & c) | (~b & d), 0x5A82_7999)
                    case ..<40: (b ^ c ^ d, 0x6ED9_EBA1)
                    case ..<60: ((b & c) | (b & d) | (c & d), 0x8F1B_BCDC)
                    default: (b ^ c ^ d, 0xCA62_C1D6)
                    }
                let next = (a << 5 | a >> 27) &+ f &+ e &+ k &+ schedule[t]
                (e, d, c, b, a) = (d, c, b << 30 | b >> 2, a, next)
            }
            for (index, word) in [a, b, c, d, e].enumerated() { state[index] &+= word }
        }
        return octets(of: state)
    }

    static func sha256(_ message: [UInt8]) -> [UInt8] {
        var state = squareRoots
        let constants = cubeRoots
        func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 {
            word >> count | word << (32 - count)
        }
        for chunk in words(of: message) {
            var schedule = chunk
            for t in 16..<64 {
                let early = schedule[t - 15]
                let late = schedule[t - 2]
                let first = rotated(early, 7) ^ rotated(early, 18) ^ early >> 3
                let second = rotated(late, 17) ^ rotated(late, 19) ^ late >> 10
                schedule.append(schedule[t - 16] &+ first &+ schedule[t - 7] &+ second)
            }
            var (a, b, c, d) = (state[0], state[1], state[2], state[3])
            var (e, f, g, h) = (state[4], state[5], state[6], state[7])
            for t in 0..<64 {
                let sum1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
                let choice = (e & f) ^ (~e & g)
                let first = h &+ sum1 &+ choice &+ constants[t] &+ schedule[t]
                let sum0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)
                let majority = (a & b) ^ (a & c) ^ (b & c)
                (h, g, f, e, d, c, b, a) = (g, f, e, d &+ first, c, b, a, first &+ sum0 &+ majority)
            }
            for (index, word) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= word }
        }
        return octets(of: state)
    }

    static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
        )
        var text: [UInt8] = []
        var word = 0
        var bitCount = 0
        for byte in bytes {
            word = (word << 8 | Int(byte)) & 0xFFFF
            bitCount += 8
            while bitCount >= 6 {
                bitCount -= 6
                text.append(alphabet[word >> bitCount & 63])
            }
        }
        if bitCount > 0 { text.append(alphabet[word << (6 - bitCount) & 63]) }
        while text.count % 4 != 0 { text.append(UInt8(ascii: "=")) }
        return String(decoding: text, as: UTF8.self)
    }

    /// The padded message in blocks of sixteen big-endian words (FIPS 180-4 §5).
    private static func words(of message: [UInt8]) -> [[UInt32]] {
        var bytes = message + [0x80]
        while bytes.count % 64 != 56 { bytes.append(0) }
        let length = UInt64(message.count * 8)
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: length >> shift))
        }
        return stride(from: 0, to: bytes.count, by: 64).map { block in
            (0..<16).map { word in
                bytes[(block + word * 4)..<(block + word * 4 + 4)].reduce(0) {
                    $0 << 8 | UInt32($1)
                }
            }
        }
    }

    private static func octets(of state: [UInt32]) -> [UInt8] {
        state.flatMap { word in
            [24, 16, 8, 0].map { (shift: UInt32) in UInt8(truncatingIfNeeded: word >> shift) }
        }
    }

    /// FIPS 180-4 §5.3.3 and §4.2.2.
    private static let squareRoots = primes(8).map { fraction(of: $0, root: 2) }
    private static let cubeRoots = primes(64).map { fraction(of: $0, root: 3) }

    private static func primes(_ count: Int) -> [Double] {
        var found: [Int] = []
        var candidate = 2
        while found.count < count {
            if found.allSatisfy({ candidate % $0 != 0 }) { found.append(candidate) }
            candidate += 1
        }
        return found.map(Double.init)
    }

    /// The first 32 bits after the point of a square or cube root, by bisection.
    private static func fraction(of number: Double, root: Int) -> UInt32 {
        var low = 1.0
        var high = number
        for _ in 0..<100 {
            let middle = (low + high) / 2
            let power = root == 2 ? middle * middle : middle * middle * middle
            if power <= number { low = middle } else { high = middle }
        }
        return UInt32((low - low.rounded(.down)) * 4_294_967_296)
    }
}
