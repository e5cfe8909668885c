import Primitives

/// Who is calling, as far as the carrier says.
package enum Caller: Hashable, Sendable {
    case number(PhoneNumber)
    /// The caller withheld the number, or the network has none.
    case anonymous
    /// Neither: a SIP user, a short code, `client:name`.
    case other
}

extension CompiledNumberPlan {
    /// Reads the caller's user part or a `From` field; an empty text is an anonymous caller.
    ///
    /// Carriers say "anonymous" in words (RFC 3323 §4.1.1.3, RFC 3325 §9.1), and Twilio also in
    /// the digits that the word has on a keypad: ANONYMOUS is +266696687.
    package func readCaller(_ text: Span<UInt8>) -> Caller {
        if text.count == 0 { return .anonymous }
        switch read(text) {
        case .number(let number):
            return Self.isKeypadWord(number) ? .anonymous : .number(number)
        case .incomplete:
            return .other
        case .notANumber:
            return Self.isWord(text) ? .anonymous : .other
        }
    }

    private static func isWord(_ text: Span<UInt8>) -> Bool {
        switch text.count {
        case 7:
            text.isEqualIgnoringCase(to: "private") || text.isEqualIgnoringCase(to: "unknown")
                || text.isEqualIgnoringCase(to: "blocked")
        case 8: text.isEqualIgnoringCase(to: "withheld")
        case 9: text.isEqualIgnoringCase(to: "anonymous")
        case 10: text.isEqualIgnoringCase(to: "restricted")
        case 11: text.isEqualIgnoringCase(to: "unavailable")
        default: false
        }
    }

    private static func isKeypadWord(_ number: PhoneNumber) -> Bool {
        switch number.digits {
        case 266_696_687: true  // ANONYMOUS
        case 7_378_742_833: true  // RESTRICTED
        case 2_562_533: true  // BLOCKED
        case 8_656_696: true  // UNKNOWN
        case 86_282_452_253: true  // UNAVAILABLE
        case 7_748_283: true  // PRIVATE
        default: false
        }
    }
}
