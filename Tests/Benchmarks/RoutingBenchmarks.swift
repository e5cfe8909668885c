import Primitives
import Routing
import SIP

/// From a dialled number to an agent, in directories of several sizes.
enum RoutingBenchmarks {
    static func run() throws -> [Measurement] {
        try [10, 10_000, 1_000_000].compactMap { count in
            resolve(try SampleDirectory(numberCount: count))
        }
    }

    private static func resolve(_ directory: SampleDirectory) -> Measurement? {
        guard let trunk = directory.snapshot.allTrunks.first, let group = TrunkGroup([trunk]) else {
            return nil
        }
        // Numbers in no order, as calls come: a stride that meets each of them.
        let stride = 7_919
        var position = 0
        return Measurement("routing: resolve one of \(directory.numbers.count) numbers") { number in
            position += stride
            while position >= directory.numbers.count { position -= directory.numbers.count }
            let call = IncomingCall(
                door: .sip,
                carrier: .trunks(group),
                called: .number(directory.numbers[position]),
                caller: .anonymous,
                id: UInt64(truncatingIfNeeded: number),
                time: WallTime(seconds: 1_795_244_709)
            )
            var trace = NoTrace()
            let decision = directory.snapshot.decide(call, trace: &trace)
            precondition(decision.refusal == nil, "the call was not answered")
        }
    }
}
