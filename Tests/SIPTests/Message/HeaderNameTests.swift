import Primitives
import SIP
import Testing

@Suite("header names")
struct HeaderNameTests {
    static let known = HeaderName.allCases.filter { $0 != .other }

    private func name(of field: String) -> HeaderName? {
        Treatment(plainInvite.adding(field)).message.fields.dropLast().last?.id
    }

    @Test("every name is known in any case", arguments: known)
    func anyCase(_ name: HeaderName) {
        let text = "\(name.text)"
        #expect(self.name(of: "\(text): x") == name)
        #expect(self.name(of: "\(text.lowercased()): x") == name)
        #expect(self.name(of: "\(text.uppercased()) \t: x") == name)
    }

    @Test("a name with one letter more, less or changed is another one", arguments: known)
    func neighbours(_ name: HeaderName) {
        let text = "\(name.text)"
        #expect(self.name(of: "\(text)x: 1") == .other)
        #expect(self.name(of: "\(text.dropFirst())x: 1") == .other)
        #expect(self.name(of: "\(text.dropLast())_: 1") == .other)
    }

    @Test(
        "compact forms stand for their long forms (RFC 3261 §7.3.3 and the registry)",
        arguments: [
            ("a", HeaderName.acceptContact), ("b", .referredBy), ("c", .contentType),
            ("d", .requestDisposition), ("e", .contentEncoding), ("f", .from), ("i", .callID),
            ("j", .rejectContact), ("k", .supported), ("l", .contentLength), ("m", .contact),
            ("n", .identityInfo), ("o", .event), ("r", .referTo), ("s", .subject), ("t", .to),
            ("u", .allowEvents), ("v", .via), ("x", .sessionExpires), ("y", .identity),
        ]
    )
    func compact(_ letter: String, _ name: HeaderName) {
        #expect(self.name(of: "\(letter): 1") == name)
        #expect(self.name(of: "\(letter.uppercased()) : 1") == name)
    }

    @Test("letters without a meaning are unknown names", arguments: ["g", "h", "p", "q", "w", "z"])
    func unusedLetters(_ letter: String) {
        #expect(name(of: "\(letter): 1") == .other)
    }

    @Test("the set of names fits one word")
    func fitsOneWord() {
        #expect(HeaderName.allCases.count <= 64)
    }

    @Test("methods are case-sensitive (RFC 3261 §7.1)", arguments: SIPMethod.allCases)
    func methods(_ method: SIPMethod) {
        let text = method == .unknown ? "NEWMETHOD" : "\(method.name)"
        #expect(Piece(text).method == method)
        #expect(Piece(text.lowercased()).method == .unknown)
        #expect(Piece(text + "X").method == .unknown)
        #expect(Piece(String(text.dropLast())).method == .unknown)
    }
}
