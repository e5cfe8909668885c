import Authentication
import Glibc
import Primitives
import Testing

@Suite("Memory of verifications")
struct WebhookMemoryTests {
    @Test("100,000 verifications and 20,000 opened secrets do not make the process grow")
    func doesNotGrow() async {
        // In a process of its own, so that tests beside it do not count.
        await #expect(processExitsWith: .success) {
            let form = WebhookRefusalTests.form
            let json = WebhookRefusalTests.json
            let verifier = SignatureVerifier(
                publicURLs: [try PublicURL(parsing: "https://user:pass@mycompany.com")])
            let key = try SecretKey(parsing: [UInt8](repeating: 1, count: 32).span)
            let box = SecretBox(key: key)
            let sealed = try box.seal(
                Secret("hunter2"),
                context: "a",
                nonce: InlineArray(repeating: 1)
            )
            func round(_ count: Int) throws {
                let formKeys = form.keys
                for index in 0..<count {
                    let webhook = index.isMultiple(of: 2) ? form : json
                    let verdict = webhook.verdict(
                        of: verifier,
                        headers: webhook.headers,
                        keys: formKeys
                    )
                    guard verdict.isValid else { exit(2) }
                    if index.isMultiple(of: 5) {
                        _ = try box.open(sealed.span, context: "a")
                    }
                }
            }
            try round(5_000)
            let before = residentPages()
            try round(100_000)
            // 256 pages are 1 MiB: ten octets lost in each round would show.
            exit(residentPages() - before < 256 ? 0 : 1)
        }
    }
}

/// How many pages of this process are in memory; the second number of /proc/self/statm.
private func residentPages() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { exit(3) }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    guard fgets(&line, 256, file) != nil else { exit(4) }
    let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    let numbers = text.split(separator: " ").compactMap { Int($0) }
    guard numbers.count > 1 else { exit(5) }
    return numbers[1]
}
