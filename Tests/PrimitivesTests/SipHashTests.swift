import Primitives
import Testing

@Suite("SipHash-2-4")
struct SipHashTests {
    private let key = SipHash.Key(0x0706_0504_0302_0100, 0x0F0E_0D0C_0B0A_0908)

    @Test("the example of the paper (Aumasson, Bernstein 2012, appendix A) comes out")
    func agreesWithPaper() {
        var hash = SipHash(key: key)
        let input = Array(UInt8(0)...14)
        hash.combine(input.span)
        #expect(hash.finalize() == 0xA129_CA61_49BE_45E5)
    }

    @Test(
        "octets, words and runs of octets are one stream, wherever they are cut",
        arguments: 0..<24
    )
    func isOneStream(offset: Int) {
        let input = (0..<40).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 5) }
        var single = SipHash(key: key)
        for octet in input { single.combine(octet) }
        var mixed = SipHash(key: key)
        mixed.combine(input.span.extracting(0..<offset))
        let word = (0..<8).reduce(UInt64(0)) { $0 | UInt64(input[offset + $1]) << UInt64($1 * 8) }
        mixed.combine(word)
        mixed.combine(input.span.extracting((offset + 8)..<40))
        #expect(mixed.finalize() == single.finalize())
    }
}
