import SIP
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// Random programs of messages, answers, timers and transport errors (`TRUNKLINE_FUZZ_EVENTS` for more).
@Suite("Random programs of events")
struct TransactionFuzzTests {
    private static let eventsInAll =
        getenv("TRUNKLINE_FUZZ_EVENTS").flatMap { Int(String(cString: $0)) } ?? 1_000_000
    private static let eventsOfProgram = 2_000

    @Test(
        "the table does what its plain model does: one final answer, silence after the end, no stray timer",
        arguments: 0..<8
    )
    func equalsModel(lane: Int) {
        let programs = Self.eventsInAll / Self.eventsOfProgram
        for seed in stride(from: lane, to: max(programs, 8), by: 8) {
            var program = TransactionProgram(seed: UInt64(seed))
            for step in 0..<Self.eventsOfProgram {
                if let difference = program.step() {
                    Issue.record("seed \(seed), event \(step): \(difference)")
                    return
                }
            }
            if let difference = program.finish() {
                Issue.record("seed \(seed), at the end: \(difference)")
                return
            }
        }
    }
}
