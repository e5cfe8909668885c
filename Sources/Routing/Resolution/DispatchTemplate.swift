import JSONata
import Primitives

/// A number's dispatch template: metadata that goes along with every call to the number.
///
/// `{{caller_number}}`, `{{called_number}}`, `{{trunk_id}}`, `{{organization_id}}`, `{{timestamp}}` and
/// `{{call_id}}` in its texts, at any depth, stand for the call's own; what was put in is not looked
/// through again. It is read once, and shared by the numbers that have the same.
package final class DispatchTemplate: Sendable {
    /// The JSON object as it was given.
    package let text: String
    private let object: JSONObject

    /// Takes a JSON object; any other text is an empty template.
    package init(_ text: String) {
        self.text = text
        object = (try? JSONValue.parse(text))?.objectValue ?? JSONObject()
    }

    /// The variables that a template may name.
    package enum Variable: String, Sendable, CaseIterable {
        case callerNumber = "caller_number"
        case calledNumber = "called_number"
        case trunkID = "trunk_id"
        case organizationID = "organization_id"
        case timestamp = "timestamp"
        case callID = "call_id"
    }

    /// The names between double braces that are no variable, in the order in which they come.
    package var unknownVariables: [String] {
        var unknown: [String] = []
        _ = Self.filled(.object(object)) { name in
            if Variable(rawValue: name) == nil { unknown.append(name) }
            return nil
        }
        return unknown
    }

    /// The metadata for one call.
    ///
    /// The caller's number is empty for one who has none or asked not to be named (RFC 3323).
    func filled(
        for call: IncomingCall,
        decision: Decision,
        directory: DirectorySnapshot
    ) -> JSONObject {
        let value = Self.filled(.object(object)) { name in
            switch Variable(rawValue: name) {
            case .callerNumber:
                if !call.isCallerHidden, case .number(let number) = call.caller {
                    number.e164
                } else {
                    ""
                }
            case .calledNumber: decision.number?.e164 ?? ""
            case .trunkID: directory.carrierID(of: decision)
            case .organizationID: directory.organization(decision.organization)?.id ?? ""
            case .timestamp: call.time.text()
            case .callID: Hex.text(call.id)
            case nil: nil
            }
        }
        return value.objectValue ?? JSONObject()
    }

    /// The value with its variables filled in; one for which `text` says nil stays as it is.
    ///
    /// As deep as the parser reads, which is bounded.
    private static func filled(_ value: JSONValue, _ text: (String) -> String?) -> JSONValue {
        switch value {
        case .string(let string): return .string(filled(string, text))
        case .array(let array): return .array(JSONArray(array.map { filled($0, text) }))
        case .object(let object):
            var result = JSONObject()
            for key in object.keys {
                guard let member = object[key] else { continue }
                result.set(filled(member, text), forKey: key)
            }
            return .object(result)
        case .null, .bool, .number, .function: return value
        }
    }

    private static func filled(_ string: String, _ text: (String) -> String?) -> String {
        let bytes = Array(string.utf8)
        guard bytes.contains(0x7B) else { return string }
        var out = ByteBuffer(capacity: bytes.count)
        var index = 0
        while index < bytes.count {
            if let variable = Variable.Place(in: bytes.span, at: index),
                let replacement = text(bytes.span.text(variable.name))
            {
                out.append(replacement)
                index = variable.end
            } else {
                out.append(bytes[index])
                index += 1
            }
        }
        return out.text
    }
}

extension DispatchTemplate: Hashable {
    package static func == (left: DispatchTemplate, right: DispatchTemplate) -> Bool {
        left.text == right.text
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(text)
    }
}

extension DispatchTemplate.Variable {
    /// Where a name stands between double braces, blanks around it or not.
    fileprivate struct Place {
        var name: ByteSlice
        /// Behind the closing braces.
        var end: Int

        init?(in text: Span<UInt8>, at start: Int) {
            guard start + 1 < text.count, text[start] == 0x7B, text[start + 1] == 0x7B else {
                return nil
            }
            var index = start + 2
            // The longest name has 15 letters: what is longer by far is no variable, and a text full of
            // braces takes linear time.
            let limit = min(text.count, start + 66)
            while index < limit, text[index] != 0x7B, text[index] != 0x7D { index += 1 }
            guard index + 1 < text.count, text[index] == 0x7D, text[index + 1] == 0x7D else {
                return nil
            }
            var lower = start + 2
            var upper = index
            while lower < upper, text[lower] == ASCII.space { lower += 1 }
            while upper > lower, text[upper - 1] == ASCII.space { upper -= 1 }
            name = ByteSlice(lower..<upper)
            end = index + 2
        }
    }
}
