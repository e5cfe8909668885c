import Foundation

/// How many random cases a property is tried on: `TRUNKLINE_FUZZ_EVENTS`, or `usual`.
func randomCaseCount(usual: Int) -> Int {
    ProcessInfo.processInfo.environment["TRUNKLINE_FUZZ_EVENTS"].flatMap { Int($0) } ?? usual
}
