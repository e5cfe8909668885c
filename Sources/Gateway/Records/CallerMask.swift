import JSONata
import Primitives
import Routing

/// Takes a caller who asked for privacy (RFC 3323) out of what a record keeps of a workflow's run.
///
/// The number's digits become `•••` wherever they stand in a value, with or without their country; so
/// does the name.
package struct CallerMask: Sendable {
    /// The digits that every form of the number ends in.
    private var numberEnd: [UInt8] = []
    /// How the message names the caller.
    private var texts: [[UInt8]] = []

    /// `texts` are what else the message calls the caller: a SIP user, a display name.
    package init(number: PhoneNumber?, texts: [String] = []) {
        if let number { numberEnd = Array(number.e164.utf8.dropFirst().suffix(Self.endCount)) }
        self.texts = texts.filter { !$0.isEmpty && $0.lowercased() != "anonymous" }
            .map { Array($0.utf8) }
    }

    /// The value without the caller; members that are the caller's name are left out.
    ///
    /// As deep as values of a run are, which is bounded.
    package func masked(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text): return .string(masked(text))
        case .number:
            let text = value.jsonText
            let masked = masked(text)
            return masked == text ? value : .string(masked)
        case .array(let array): return .array(JSONArray(array.map { masked($0) }))
        case .object(let object):
            var result = JSONObject()
            for member in object where member.key != "caller_name" || !isName(member.value) {
                result[masked(member.key)] = masked(member.value)
            }
            return .object(result)
        case .null, .bool, .function: return value
        }
    }

    package func masked(_ text: String) -> String {
        var bytes = Array(text.utf8)
        guard !texts.contains(bytes) else { return Self.mark }
        if !numberEnd.isEmpty {
            bytes = replacing(numberEnd, in: bytes, withDigitsBefore: true)
        }
        for name in texts where Self.searchedCounts.contains(name.count) {
            bytes = replacing(name, in: bytes, withDigitsBefore: false)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func isName(_ value: JSONValue) -> Bool {
        value.stringValue.map { texts.contains(Array($0.utf8)) } ?? false
    }

    private func replacing(
        _ wanted: [UInt8],
        in text: [UInt8],
        withDigitsBefore: Bool
    ) -> [UInt8] {
        guard text.count >= wanted.count else { return text }
        var result: [UInt8] = []
        var index = 0
        while index < text.count {
            guard text[index] == wanted[0], text[index...].starts(with: wanted) else {
                result.append(text[index])
                index += 1
                continue
            }
            if withDigitsBefore {
                while let last = result.last, ASCII.isDigit(last) { result.removeLast() }
            }
            result.append(contentsOf: Self.mark.utf8)
            index += wanted.count
        }
        return result
    }

    private static let mark = "•••"
    /// A subscriber's number without area and country.
    private static let endCount = 7
    /// Shorter names are parts of other words, and longer ones would take long to look for; these are
    /// only masked where they are the whole text.
    private static let searchedCounts = 4...64
}
