import HTTP
import Primitives
import Testing

/// Streams near to real ones: none may end the process, and the cutting may not matter.
@Suite("Mutated requests (100,000 with fixed seeds)")
struct MutationTests {
    private static let originals: [[UInt8]] = [
        get("/a?b=c", "X-Twilio-Signature: abc=\r\nConnection: keep-alive\r\n"),
        "POST /t HTTP/1.1\r\nHost: a:80\r\nContent-Length: 11\r\n\r\nTo=%2B1&a=b" + get("/n"),
        "POST /t HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n"
            + "1\r\nd\r\n0\r\nT: u\r\n\r\n" + get("/n"),
        "\r\nOPTIONS * HTTP/1.0\r\nConnection: keep-alive\r\nExpect: 100-continue\r\n\r\n"
            + get("/n"),
        "HEAD http://[::1]:80/x HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n",
    ].map { Array($0.utf8) }

    /// Octets and fragments that decide something somewhere.
    private static let fragments: [[UInt8]] =
        [
            "\r", "\n", "\r\n", "\r\n\r\n", " ", "\t", ":", ",", ";", "=", "%", "/", "*", "0", "9",
            "F", "\0",
            "Content-Length: 1\r\n", "Transfer-Encoding: chunked\r\n", "Host: c\r\n",
            "18446744073709551615", "FFFFFFFFFFFFFFFF", "HTTP/1.1", "HTTP/1.0",
        ].map { Array($0.utf8) } + [[0x80], [0xFF], [0x7F]]

    @Test("end in answers or in waiting, the same however they are cut", arguments: 0..<20)
    func mutations(seed: Int) {
        var numbers = SeededNumbers(seed: UInt64(seed) &* 7_919 &+ 1)
        for _ in 0..<5_000 {
            let octets = mutate(Self.originals[numbers.next(below: 5)], &numbers)
            var whole = Wire()
            whole.send(octets)
            whole.endInput()

            let cut = numbers.next(below: octets.count + 1)
            var pieces = Wire()
            pieces.send(Array(octets[..<cut]))
            pieces.send(Array(octets[cut...]))
            pieces.endInput()

            #expect(whole.served == pieces.served)
            #expect(whole.finalStatuses == pieces.finalStatuses)
            #expect(whole.connection.refusal == pieces.connection.refusal)
            #expect(whole.isClosed)
            #expect(whole.steps < 60)
        }
    }

    private func mutate(_ original: [UInt8], _ numbers: inout SeededNumbers) -> [UInt8] {
        var octets = original
        for _ in 0...numbers.next(below: 3) {
            let index = numbers.next(below: octets.count)
            let fragment = Self.fragments[numbers.next(below: Self.fragments.count)]
            switch numbers.next(below: 5) {
            case 0: octets[index] = UInt8(truncatingIfNeeded: numbers.next())
            case 1: octets[index] ^= 1 << UInt8(numbers.next(below: 8))
            case 2: octets.insert(contentsOf: fragment, at: index)
            case 3:
                let end = min(octets.count, index + 1 + numbers.next(below: 8))
                octets.removeSubrange(index..<end)
                if octets.isEmpty { octets = [0x0D] }
            default:
                let end = min(octets.count, index + fragment.count)
                octets.replaceSubrange(index..<end, with: fragment)
            }
        }
        return octets
    }
}
