import Authentication
import Primitives
import Transport

/// Whether the time of a comparison tells where two secrets differ: Welch's t-test over a million
/// comparisons that differ in their first octet, and a million that differ in their last.
///
/// Both kinds come in random order and lie in the same memory, written by the same stores, so that neither
/// drift nor an address belongs to one of them. As in dudect (Reparaz, Balasch, Verbauwhede 2017) the test
/// is made for several bounds above which measurements are left out. Above |t| = 4.5, with one sign in
/// every run, there would be a leak. The comparison of arrays, which stops at the first difference, shows
/// what a leak looks like here.
enum TimingLeak {
    struct Row {
        var name: String
        /// The one of the largest magnitude, of all bounds.
        var t: Double
        var firstNanoseconds: Double
        var lastNanoseconds: Double
    }

    static func run(samples: Int = 1_000_000) -> [Row] {
        let constant: (borrowing [UInt8], borrowing [UInt8]) -> Bool = { left, right in
            left.span.isEqualInConstantTime(to: right.span)
        }
        return [
            measure("constant time, 28 octets", 28, samples, constant),
            measure("constant time, 44 octets", 44, samples, constant),
            measure("an array's ==, 28 octets", 28, samples) { $0 == $1 },
            measure("an array's ==, 4,096 octets", 4_096, samples / 10) { $0 == $1 },
        ]
    }

    private static func measure(
        _ name: String,
        _ count: Int,
        _ samples: Int,
        _ isEqual: (borrowing [UInt8], borrowing [UInt8]) -> Bool
    ) -> Row {
        let secret = Randomness.bytes(count)
        var candidate = secret
        var times: [[Double]] = [[], []]
        for kind in 0...1 { times[kind].reserveCapacity(samples + samples / 8) }
        var order = Randomness.word() | 1
        for _ in 0..<(2 * samples) {
            // Which of the two comes next must not be foreseeable, for the processor either.
            order ^= order << 13
            order ^= order >> 7
            order ^= order << 17
            let kind = Int(order >> 33 & 1)
            // Both octets are written, for either kind, and one of them is wrong.
            let mask = UInt8(truncatingIfNeeded: order >> 40) | 1
            candidate[0] = secret[0] ^ (mask &* UInt8(1 - kind))
            candidate[count - 1] = secret[count - 1] ^ (mask &* UInt8(kind))
            let start = Clock.now()
            for _ in 0..<8 { consume(isEqual(secret, candidate)) }
            times[kind].append(Double((Clock.now() - start).nanoseconds))
        }
        // Interrupts and other people's work are in no comparison: the slowest go, and how many is a guess.
        let sorted = times.joined().sorted()
        let rows = [50, 80, 90, 95, 99].map { percent in
            let bound = sorted[sorted.count * percent / 100]
            let kept = times.map { Moments($0.filter { $0 <= bound }) }
            return Row(
                name: name,
                t: welch(kept[0], kept[1]),
                firstNanoseconds: kept[0].mean / 8,
                lastNanoseconds: kept[1].mean / 8
            )
        }
        return rows.max { abs($0.t) < abs($1.t) } ?? rows[0]
    }

    private static func welch(_ one: Moments, _ other: Moments) -> Double {
        let error = (one.variance / one.count + other.variance / other.count).squareRoot()
        return error > 0 ? (one.mean - other.mean) / error : 0
    }

    private struct Moments {
        var count: Double
        var mean: Double
        var variance: Double

        init(_ values: [Double]) {
            count = Double(values.count)
            let mean = values.reduce(0, +) / max(count, 1)
            self.mean = mean
            let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            variance = squares / max(count - 1, 1)
        }
    }
}
