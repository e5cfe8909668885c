import Primitives
import Testing

@Suite("SipHash-2-4")
struct SipHashTests {
    /// Key 00 01 … 0f, as in the reference implementation.
    private let key = SipHash.Key(0x0706_0504_0302_0100, 0x0F0E_0D0C_0B0A_0908)

    @Test(
        "the reference vectors: key 00…0f, input 00…(n−1)",
        arguments: zip(
            [0, 1, 2, 3, 4, 5, 6, 7, 8, 15],
            [
                0x726F_DB47_DD0E_0E31, 0x74F8_39C5_93DC_67FD, 0x0D6C_8009_D9A9_4F5A,
                0x8567_6696_D7FB_7E2D, 0xCF27_94E0_2771_87B7, 0x1876_5564_CD99_A68D,
                0xCBC9_466E_58FE_E3CE, 0xAB02_00F5_8B01_D137, 0x93F5_F579_9A93_2462,
                0xA129_CA61_49BE_45E5,
            ] as [UInt64]
        )
    )
    func vectors(length: Int, expected: UInt64) {
        let input = (0..<length).map { UInt8($0) }
        var hash = SipHash(key: key)
        hash.combine(input.span)
        let value = hash.finalize()
        #expect(value == expected)
    }

    @Test("the same octets give the same hash, whatever pieces they come in")
    func pieces() {
        let input = (0..<67).map { UInt8($0) }
        var whole = SipHash(key: key)
        whole.combine(input.span)
        let expected = whole.finalize()
        for cut in 0...input.count {
            var hash = SipHash(key: key)
            hash.combine(input.span.extracting(0..<cut))
            hash.combine(input.span.extracting(cut..<input.count))
            let value = hash.finalize()
            if value != expected { Issue.record("cut at \(cut)") }
        }
        var single = SipHash(key: key)
        for byte in input { single.combine(byte) }
        let value = single.finalize()
        #expect(value == expected)
    }

    @Test("a word counts as its eight octets, the low one first")
    func words() {
        var word = SipHash(key: key)
        word.combine(0x0706_0504_0302_0100 as UInt64)
        let value = word.finalize()
        #expect(value == 0x93F5_F579_9A93_2462)
    }
}
