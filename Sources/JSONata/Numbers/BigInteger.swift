/// A natural number of any size, as limbs in base 10⁹, least significant first.
struct BigInteger {
    private var limbs: [UInt32] = []

    init(_ value: UInt64) {
        var rest = value
        while rest > 0 {
            limbs.append(UInt32(rest % Self.base))
            rest /= Self.base
        }
    }

    mutating func multiply(by factor: UInt32, times count: UInt) {
        var left = count
        while left > 0 {
            // 2²⁹ and 5¹² both fit in a limb: several factors at once.
            let batch = min(left, factor == 2 ? 29 : 12)
            var product: UInt64 = 1
            for _ in 0..<batch { product *= UInt64(factor) }
            multiply(by: product)
            left -= batch
        }
    }

    private mutating func multiply(by factor: UInt64) {
        var carry: UInt64 = 0
        for index in limbs.indices {
            let product = UInt64(limbs[index]) * factor + carry
            limbs[index] = UInt32(product % Self.base)
            carry = product / Self.base
        }
        while carry > 0 {
            limbs.append(UInt32(carry % Self.base))
            carry /= Self.base
        }
    }

    var decimalDigits: [UInt8] {
        var digits: [UInt8] = []
        for limb in limbs {
            var rest = limb
            for _ in 0..<9 {
                digits.append(UInt8(rest % 10))
                rest /= 10
            }
        }
        digits.reverse()
        let zeros = digits.prefix { $0 == 0 }.count
        digits.removeFirst(zeros)
        return digits
    }

    private static let base: UInt64 = 1_000_000_000
}
