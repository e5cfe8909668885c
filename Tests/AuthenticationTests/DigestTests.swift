import Authentication
import Primitives
import Testing

@Suite("Digests and message authentication codes")
struct DigestTests {
    @Test(
        "SHA-1 and SHA-256 give the digests of FIPS 180-4's examples",
        arguments: [
            (
                "", "da39a3ee5e6b4b0d3255bfef95601890afd80709",
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
            ),
            (
                "abc", "a9993e364706816aba3e25717850c26c9cd0d89d",
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
            ),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ]
    )
    func digests(message: String, sha1: String, sha256: String) {
        let bytes = Array(message.utf8)
        #expect(SHA1.digest(bytes.span).hex == sha1)
        #expect(SHA256.digest(bytes.span).hex == sha256)
    }

    /// RFC 2202 §3: key, data, digest.
    static let rfc2202: [(key: [UInt8], data: [UInt8], digest: String)] = [
        (
            [UInt8](repeating: 0x0B, count: 20), Array("Hi There".utf8),
            "b617318655057264e28bc0b6fb378c8ef146be00"
        ),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
        ),
        (
            [UInt8](repeating: 0xAA, count: 20), [UInt8](repeating: 0xDD, count: 50),
            "125d7342b9ac11cd91a39af48aa17b4f63f175d3"
        ),
        (
            Array(1...25), [UInt8](repeating: 0xCD, count: 50),
            "4c9007f4026250c6bc8414f9bf50c86c2d7235da"
        ),
        (
            [UInt8](repeating: 0x0C, count: 20), Array("Test With Truncation".utf8),
            "4c1a03424b55e07fe7f27be1d58bb9324a9a5a04"
        ),
        (
            [UInt8](repeating: 0xAA, count: 80),
            Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "aa4ae5e15272d00e95705637ce8a3b55ed402112"
        ),
        (
            [UInt8](repeating: 0xAA, count: 80),
            Array("Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data".utf8),
            "e8e99d0f45237d786d6bbaa7965c7808bbff1a91"
        ),
    ]

    @Test("HMAC-SHA1 gives the codes of RFC 2202", arguments: rfc2202)
    func codesSHA1(key: [UInt8], data: [UInt8], digest: String) {
        let code = HMAC<SHA1>(key: key.span).code(data.span)
        #expect(code.hex.hasPrefix(digest))
        #expect(ReferenceSignature.hmac(key: key, data, ReferenceSignature.sha1).hex == digest)
    }

    /// RFC 4231 §4.2–4.8: key, data, digest.
    static let rfc4231: [(key: [UInt8], data: [UInt8], digest: String)] = [
        (
            [UInt8](repeating: 0x0B, count: 20), Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xAA, count: 20), [UInt8](repeating: 0xDD, count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            Array(1...25), [UInt8](repeating: 0xCD, count: 50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131),
            Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131),
            Array(
                ("This is a test using a larger than block-size key and a larger than block-size "
                    + "data. The key needs to be hashed before being used by the HMAC algorithm.")
                    .utf8
            ),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        ),
    ]

    @Test("HMAC-SHA256 gives the codes of RFC 4231", arguments: rfc4231)
    func codesSHA256(key: [UInt8], data: [UInt8], digest: String) {
        let code = HMAC<SHA256>(key: key.span).code(data.span)
        #expect(code.hex == digest)
        #expect(ReferenceSignature.hmac(key: key, data, ReferenceSignature.sha256).hex == digest)
    }

    @Test("a message in parts has the code of the whole, and one key serves many messages")
    func codesParts() {
        let hmac = HMAC<SHA1>(key: [UInt8]("12345".utf8).span)
        let message = [UInt8](repeating: 0x61, count: 200)
        let whole = hmac.code(message.span).hex
        for cut in 0...message.count {
            var hash = hmac.start
            hash.update(message.span.extracting(0..<cut))
            hash.update(message.span.extracting(cut..<message.count))
            #expect(hmac.finish(hash).hex == whole)
        }
    }

    @Test("the comparison in constant time sees a difference at every place, and in the length")
    func compares() {
        let octets = Array(UInt8(0)..<32)
        #expect(isEqual(octets, octets))
        #expect(isEqual([], []))
        for index in octets.indices {
            for bit in 0..<8 {
                var other = octets
                other[index] ^= 1 << UInt8(bit)
                #expect(!isEqual(octets, other))
            }
        }
        #expect(!isEqual(octets, Array(octets.dropLast())))
    }

    private func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.span.isEqualInConstantTime(to: right.span)
    }
}

extension [UInt8] {
    /// The octets in lower-case hexadecimal digits.
    var hex: String { Hex.encode(span) }
}

extension InlineArray where Element == UInt8 {
    /// The octets in lower-case hexadecimal digits.
    var hex: String { Hex.encode(span) }
}
