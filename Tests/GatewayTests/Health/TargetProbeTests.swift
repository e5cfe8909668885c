import Gateway
import Primitives
import Testing

@Suite("What is known of one target")
struct TargetProbeTests {
    /// The state after each of these probes: `+` an answer, `-` a miss, `?` nothing learned.
    private func states(_ findings: String, downAfter: Int = 3, upAfter: Int = 2) -> String {
        var probe = TargetProbe(at: WallTime(seconds: 0))
        var states = ""
        for (second, mark) in findings.enumerated() {
            let finding: TargetProbe.Finding =
                switch mark {
                case "+": .answer("200 OK")
                case "-": .miss("no answer")
                default: .nothing("the name has no address")
                }
            let before = probe.state
            let hasChanged = probe.note(
                finding,
                at: WallTime(seconds: Int64(second)),
                downAfter: downAfter,
                upAfter: upAfter
            )
            #expect(hasChanged == (probe.state != before))
            if hasChanged { #expect(probe.since == WallTime(seconds: Int64(second))) }
            #expect(probe.lastAnswer == finding.text)
            #expect(probe.lastAnswerAt == WallTime(seconds: Int64(second)))
            states += probe.state == .up ? "U" : probe.state == .down ? "D" : "."
        }
        return states
    }

    @Test(
        "down after three misses in a row, up after two answers in a row, unknown before either",
        arguments: zip(
            [
                "++", "---", "+-+-+-", "++--+--+---", "---+-++", "-?-?-", "+?+", "???", "++++++---",
                "------++",
            ],
            [
                ".U", "..D", "......", ".UUUUUUUUUD", "..DDDDU", "....D", "..U", "...", ".UUUUUUUD",
                "..DDDDDU",
            ]
        )
    )
    func thresholds(findings: String, expected: String) {
        #expect(states(findings) == expected)
    }

    @Test("the thresholds are the operator's")
    func otherThresholds() {
        #expect(states("-+-", downAfter: 1, upAfter: 1) == "DUD")
        #expect(states("+++-----", downAfter: 5, upAfter: 3) == "..UUUUUD")
    }

    @Test("in doubt is who has answered or missed against what is known")
    func doubt() {
        var probe = TargetProbe(at: WallTime(seconds: 0))
        func note(_ finding: TargetProbe.Finding) -> Bool {
            _ = probe.note(finding, at: WallTime(seconds: 1), downAfter: 3, upAfter: 2)
            return probe.isInDoubt
        }
        #expect(!probe.isInDoubt)
        #expect(!note(.nothing("")))
        #expect(note(.answer("")))
        #expect(!note(.answer("")), "up")
        #expect(note(.miss("")))
        #expect(note(.miss("")))
        #expect(!note(.miss("")), "down")
        #expect(!note(.miss("")))
        #expect(note(.answer("")))
        #expect(note(.nothing("")))
        #expect(!note(.miss("")))
    }

    @Test(
        "any final answer comes from somebody who is there, but for 408, 503 and 504",
        arguments: 200...699
    )
    func answers(statusCode: Int) {
        let finding = TargetProbe.Finding(statusCode: statusCode, text: "t")
        #expect(finding == ([408, 503, 504].contains(statusCode) ? .miss("t") : .answer("t")))
    }
}
