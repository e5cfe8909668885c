import Authentication
import Primitives
import Transport

/// Whether the time of a comparison tells where two secrets differ: Welch's t-test over a million
/// comparisons that differ in their first octet, and a million that differ in their last.
///
/// Above |t| = 4.5, with one sign in every run, there would be a leak. The comparison of arrays, which stops at the first difference,
/// shows what a leak looks like here.
enum TimingLeak {
    struct Row {
        var name: String
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
        // Many copies of each, for where a buffer lies has a time of its own.
        let wrong: [[[UInt8]]] = (0..<64).map { copy in
            [0, count - 1].map { place in
                var candidate = secret
                candidate[place] ^= 0x55 &+ UInt8(copy)
                return candidate
            }
        }
        var times: [[Double]] = [[], []]
        var order = Randomness.word() | 1
        for _ in 0..<(2 * samples) {
            // Which of the two comes next must not be foreseeable, for the processor either.
            order ^= order << 13
            order ^= order >> 7
            order ^= order << 17
            let kind = Int(order >> 33 & 1)
            let candidate = wrong[Int(order >> 40 & 63)][kind]
            let start = Clock.now()
            for _ in 0..<8 { consume(isEqual(secret, candidate)) }
            times[kind].append(Double((Clock.now() - start).nanoseconds))
        }
        // Interrupts are in neither comparison: the slowest tenth goes.
        let limit = times.flatMap { $0 }.sorted()[times[0].count + times[1].count - samples / 5]
        let kept = times.map { Moments($0.filter { $0 < limit }) }
        let error = (kept[0].variance / kept[0].count + kept[1].variance / kept[1].count)
            .squareRoot()
        return Row(
            name: name,
            t: error > 0 ? (kept[0].mean - kept[1].mean) / error : 0,
            firstNanoseconds: kept[0].mean / 8,
            lastNanoseconds: kept[1].mean / 8
        )
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
