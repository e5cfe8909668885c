import Authentication
import Primitives
import Testing

@Suite("Sealed secrets and their key")
struct SecretTests {
    static let nonce = InlineArray<12, UInt8> { UInt8($0) }

    static func key(_ octet: UInt8) throws -> SecretKey {
        try SecretKey(parsing: [UInt8](repeating: octet, count: 32).span)
    }

    private func open(_ sealed: [UInt8], _ key: SecretKey, _ context: String) throws -> String {
        try SecretBox(key: key).open(sealed.span, context: context).withBytes { $0.text }
    }

    @Test(
        "a sealed secret opens under its key and for its row",
        arguments: [0, 1, 15, 16, 17, 1_000]
    )
    func opens(count: Int) throws {
        let box = SecretBox(key: try Self.key(7))
        let text = String(repeating: "s", count: count)
        let sealed = try box.seal(Secret(text), context: "credential/1", nonce: Self.nonce)
        #expect(sealed.count == count + SecretBox.overheadByteCount)
        #expect(sealed[0] == 1)
        #expect(Array(sealed[1..<13]) == Array(0..<12))
        #expect(try open(sealed, try Self.key(7), "credential/1") == text)
        let other = InlineArray<12, UInt8>(repeating: 9)
        let again = try box.seal(Secret(text), context: "credential/1", nonce: other)
        #expect(again[13...] != sealed[13...])
    }

    @Test("the octets are those of AES-256-GCM: test case 16 of its specification")
    func sealsAsSpecified() throws {
        let key = try SecretKey(
            parsing: [UInt8](
                "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308".utf8
            )
            .span
        )
        let plain = try #require(
            octets(
                "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                    + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
            )
        )
        let iv = try #require(octets("cafebabefacedbaddecaf888"))
        // The specification's associated data is no text; without any, the ciphertext is the same.
        let sealed = try SecretBox(key: key).seal(
            Secret(plain),
            context: "",
            nonce: InlineArray { iv[$0] }
        )
        #expect(
            Array(sealed[13..<(13 + plain.count)]).hex
                == "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
        )
    }

    private func octets(_ hexadecimal: String) -> [UInt8]? {
        Hex.decode([UInt8](hexadecimal.utf8).span)
    }

    @Test("another key, row or octet is refused, and the error does not say which")
    func refusesForgery() throws {
        let sealed = try SecretBox(key: try Self.key(7)).seal(
            Secret("hunter2"),
            context: "credential/1",
            nonce: Self.nonce
        )
        #expect(throws: SecretBoxError.notAuthentic) {
            try open(sealed, try Self.key(8), "credential/1")
        }
        for context in ["credential/2", "credential/1 ", ""] {
            #expect(throws: SecretBoxError.notAuthentic) {
                try open(sealed, try Self.key(7), context)
            }
        }
        for index in 1..<sealed.count {
            var changed = sealed
            changed[index] ^= 0x80
            #expect(throws: SecretBoxError.notAuthentic) {
                try open(changed, try Self.key(7), "credential/1")
            }
        }
        var version = sealed
        version[0] = 2
        #expect(throws: SecretBoxError.unknownVersion(2)) {
            try open(version, try Self.key(7), "credential/1")
        }
    }

    @Test("every prefix of a sealed secret is refused")
    func refusesTruncation() throws {
        let sealed = try SecretBox(key: try Self.key(7)).seal(
            Secret("hunter2"),
            context: "credential/1",
            nonce: Self.nonce
        )
        for count in 0..<sealed.count {
            #expect(throws: count < 29 ? SecretBoxError.truncated : .notAuthentic) {
                try open(Array(sealed[..<count]), try Self.key(7), "credential/1")
            }
        }
    }

    @Test("a secret over 64 KiB is refused")
    func refusesSize() throws {
        let box = SecretBox(key: try Self.key(7))
        let large = [UInt8](repeating: 1, count: 65_537)
        #expect(throws: SecretBoxError.tooLarge) {
            try box.seal(Secret(large), context: "", nonce: Self.nonce)
        }
        #expect(throws: SecretBoxError.tooLarge) {
            try box.open([UInt8](repeating: 1, count: 65_566).span, context: "")
        }
    }

    @Test(
        "the key is read raw, in hexadecimal or in Base64, with or without a line end",
        arguments: [
            String(repeating: "A", count: 32),
            String(repeating: "41", count: 32), String(repeating: "41", count: 32) + "\n",
            "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=",
            "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=\r\n",
        ]
    )
    func readsKey(file: String) throws {
        let key = try SecretKey(parsing: [UInt8](file.utf8).span)
        #expect(key.checkValue == (try Self.key(0x41)).checkValue)
        #expect(key.checkValue.count == 16)
        #expect(key.checkValue != (try Self.key(0x42)).checkValue)
    }

    @Test(
        "what is no key is refused without repeating it",
        arguments: [
            ("", SecretKeyError.wrongLength(byteCount: 0)),
            ("hunter2", .malformed),
            (String(repeating: "41", count: 31), .malformed),
            (String(repeating: "4g", count: 32), .malformed),
            ("QUFB", .wrongLength(byteCount: 3)),
        ]
    )
    func refusesKey(file: String, reason: SecretKeyError) {
        #expect(throws: reason) { try SecretKey(parsing: [UInt8](file.utf8).span) }
        #expect(!"\(reason)".contains("hunter2"))
    }

    @Test("neither a secret nor a key shows itself, whichever way it is printed")
    func redacts() throws {
        let file = String(repeating: "h", count: 32)
        let key = try SecretKey(parsing: [UInt8](file.utf8).span)
        func texts(_ value: some Sendable) -> [String] {
            var dumped = ""
            dump(value, to: &dumped)
            return ["\(value)", String(reflecting: value), dumped, "\([value])"]
        }
        for text in texts(Secret("hunter2")) + texts(key) + texts(SecretBox(key: key)) {
            #expect(text.contains("‹secret›"))
            #expect(!text.contains("hunter2") && !text.contains("104"))
        }
        #expect(Secret("a") == Secret([0x61]))
        #expect(Secret("a") != Secret("b"))
        #expect(Set([Secret("a"), Secret("a")]).count == 1)
        let errors: [SecretBoxError] = [
            .tooLarge, .truncated, .unknownVersion(3), .notAuthentic, .unavailable,
        ]
        #expect(Set(errors.map(\.description)).count == errors.count)
    }
}
