import Authentication
import Primitives
import Testing

@Suite("API keys")
struct APIKeyTests {
    @Test("a key is its prefix and 32 letters and digits; its hash knows it again")
    func makesKey() throws {
        var random = SeededRandom(seed: 1)
        let octets = random.octets(APIKey.randomByteCount)
        let key = try #require(self.key("ak_", octets))
        #expect(key.exposed.hasPrefix("ak_"))
        let letters = key.exposed.dropFirst(3)
        #expect(letters.count == 32)
        #expect(letters.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) })
        #expect(hash(key.exposed) == key.hash)
        #expect(hash(key.exposed.lowercased()) != key.hash)
        #expect("\(key)" == "ak_‹secret›")
        var dumped = ""
        dump(key, to: &dumped)
        #expect(!dumped.contains(letters))
    }

    @Test("the letters are even: octets that would favour some are skipped")
    func isEven() throws {
        let octets = Array(UInt8(216)...255)
        let even = try #require(key("", octets))
        #expect(even.exposed == "UVWXYZabcdefghijklmnopqrstuvwxyz")
        #expect(key("", Array(octets[1...])) == nil)
        #expect(key("", []) == nil)
    }

    @Test("a hash is kept as 32 octets, read back, and told by its first digits")
    func keepsHash() throws {
        let hash = self.hash("abc")
        let text = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(hash.hexadecimal == text)
        let octets = hash.digest.span.array
        #expect(APIKeyHash(octets: octets.span) == hash)
        #expect(Set([hash, hash]).count == 1)
        #expect("\(hash)" == "sha256:ba7816bf…")
        for wrong in [[], [1], octets + [0], Array(octets.dropLast())] as [[UInt8]] {
            #expect(APIKeyHash(octets: wrong.span) == nil)
        }
    }

    private func key(_ prefix: String, _ octets: [UInt8]) -> APIKey? {
        APIKey(prefix: prefix, randomBytes: octets.span)
    }

    private func hash(_ text: String) -> APIKeyHash {
        APIKeyHash(presented: [UInt8](text.utf8).span)
    }
}
