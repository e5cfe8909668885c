import Primitives
import Testing

@Suite("Comparing without case")
struct CaseFoldingTests {
    @Test("folds ASCII letters and nothing else, at every place of a word and behind it")
    func everyPairOfOctets() {
        for position in [0, 3, 7, 8, 10] {
            for first in UInt8.min...UInt8.max {
                for second in UInt8.min...UInt8.max {
                    var left = Array("abcdefghXYZ".utf8)
                    var right = Array("ABCDEFGHxyz".utf8)
                    left[position] = first
                    right[position] = second
                    let isEqual = left.span.isEqualIgnoringCase(to: right.span)
                    let expected = ASCII.lowercased(first) == ASCII.lowercased(second)
                    if isEqual != expected { Issue.record("\(position): \(first), \(second)") }
                }
            }
        }
    }

    @Test("lengths must be equal")
    func lengths() {
        let text = Array("Content-Length".utf8)
        let isLonger = text.span.isEqualIgnoringCase(to: "content-length ")
        let isShorter = text.span.isEqualIgnoringCase(to: "content-lengt")
        let isEqual = text.span.isEqualIgnoringCase(to: "content-length")
        #expect(!isLonger)
        #expect(!isShorter)
        #expect(isEqual)
    }
}
