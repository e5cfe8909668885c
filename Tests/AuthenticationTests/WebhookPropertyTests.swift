import Authentication
import Primitives
import Testing

@Suite("Random webhooks")
struct WebhookPropertyTests {
    /// A request signed by the reference, in one of the forms that must be accepted.
    struct Case {
        var webhook: Webhook
        var isSHA256: Bool

        init(_ random: inout SeededRandom) {
            let scheme = Bool.random(using: &random) ? "https" : "http"
            let user = Bool.random(using: &random) ? "" : "u\(random.next() % 10):p@"
            let port = Bool.random(using: &random) ? "" : ":\(random.next() % 65_535 + 1)"
            let name = "gw\(random.next() % 100).example.com"
            let query = random.text(upTo: 20, of: "ab=&+%20'?/:@~é")
            let target =
                "/" + random.text(upTo: 10, of: "abc/.-_%2F") + (query.isEmpty ? "" : "?" + query)
            let origin =
                "\(scheme)://\(Bool.random(using: &random) ? user : "")\(name)"
                + (Bool.random(using: &random) ? port : "")
            var parameters: [(String, String)] = []
            for _ in 0..<Int.random(in: 0...12, using: &random) {
                let name = random.text(upTo: 10, of: "CallSidFromToaAé")
                parameters.append((name, random.text(upTo: 15, of: "+0123456789 abc&=ñ語")))
            }
            isSHA256 = Bool.random(using: &random)
            let key = random.text(upTo: 90, of: "0123456789abcdef") + "k"
            webhook = Webhook(
                publicURL: "\(scheme)://\(user)\(name)\(port)",
                target: target,
                parameters: parameters,
                signature: ReferenceSignature.sign(
                    url: origin + target,
                    parameters: parameters,
                    key: key,
                    isSHA256: isSHA256
                ),
                settings: isSHA256 ? "key=id,algorithm=HMAC_SHA256" : nil,
                tokens: isSHA256 ? [] : [key],
                sharedKeys: isSHA256 ? [("id", key)] : []
            )
        }
    }

    @Test(
        "10,000 signed requests pass, and each fails with one octet flipped",
        arguments: 0..<10
    )
    func verifies(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<1_000 {
            let original = Case(&random)
            var webhook = original.webhook
            #expect(try webhook.verdict().isValid, "\(original)")
            switch random.next() % 4 {
            case 0: webhook.target = flipped(webhook.target, &random)
            case 1 where !webhook.parameters.isEmpty:
                let index = Int.random(in: webhook.parameters.indices, using: &random)
                let value = webhook.parameters[index].1
                webhook.parameters[index].1 = value.isEmpty ? "x" : flipped(value, &random)
            case 2:
                webhook.tokens = webhook.tokens.map { flipped($0, &random) }
                webhook.sharedKeys = webhook.sharedKeys.map { ($0.id, flipped($0.secret, &random)) }
            default: webhook.signature = webhook.signature.map { flipped($0, &random) }
            }
            if signedText(webhook) == signedText(original.webhook),
                webhook.signature == original.webhook.signature,
                webhook.tokens == original.webhook.tokens,
                webhook.sharedKeys.map(\.secret) == original.webhook.sharedKeys.map(\.secret)
            {
                continue
            }
            #expect(try !webhook.verdict().isValid, "\(webhook) was \(original)")
        }
    }

    /// The target and the set of parameters: what two requests with the same signature share.
    private func signedText(_ webhook: Webhook) -> String {
        webhook.target + withJoined(webhook.parameters) { $0.text }
    }

    /// The text with one bit of one ASCII character changed, so that it stays printable.
    private func flipped(_ text: String, _ random: inout SeededRandom) -> String {
        var bytes = Array(text.utf8)
        let candidates = bytes.indices.filter { bytes[$0] < 0x80 && bytes[$0] != 0x2F }
        guard let index = candidates.randomElement(using: &random) else { return text + "x" }
        bytes[index] ^= 0x01
        return String(decoding: bytes, as: UTF8.self)
    }
}
