import JSONata
import Primitives

/// Finds the `{{ … }}` in a text of a definition.
struct TemplateScanner {
    /// The parts of a text: what stands between expressions, and the expressions without braces.
    enum Part {
        case literal(String)
        case expression(String)
    }

    private let bytes: [UInt8]
    private var offset = 0

    private init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// Cuts `text` into parts, or says what is wrong with it in a sentence.
    static func parts(of text: String) throws(TemplateFault) -> [Part] {
        var scanner = TemplateScanner(text)
        return try scanner.run()
    }

    private mutating func run() throws(TemplateFault) -> [Part] {
        var parts: [Part] = []
        var start = 0
        while offset < bytes.count {
            if starts(with: 0x24, 0x7B) {
                throw TemplateFault(
                    message: "${ } expressions are not available; write {{ }} and JSONata inside"
                )
            }
            guard starts(with: 0x7B, 0x7B) else {
                offset += 1
                continue
            }
            if offset > start { parts.append(.literal(text(start..<offset))) }
            let body = offset + 2
            offset = body
            try skipExpression()
            parts.append(.expression(text(body..<offset)))
            offset += 2
            start = offset
        }
        if start < bytes.count { parts.append(.literal(text(start..<bytes.count))) }
        return parts
    }

    /// Moves to the `}}` that ends an expression: not one inside quotes, comments or inner braces.
    private mutating func skipExpression() throws(TemplateFault) {
        var depth = 0
        while offset < bytes.count {
            switch bytes[offset] {
            case ASCII.quote, 0x27, 0x60:
                skipQuoted(bytes[offset])
                continue
            case 0x2F where starts(with: 0x2F, 0x2A): skipComment()
            case 0x7B: depth += 1
            case 0x7D:
                if depth == 0, starts(with: 0x7D, 0x7D) { return }
                depth -= depth > 0 ? 1 : 0
            default: break
            }
            offset += 1
        }
        throw TemplateFault(message: "an expression has no closing }}; write {{ … }}")
    }

    private mutating func skipQuoted(_ quote: UInt8) {
        offset += 1
        while offset < bytes.count, bytes[offset] != quote {
            // Backquoted names know no escapes.
            offset += bytes[offset] == ASCII.backslash && quote != 0x60 ? 2 : 1
        }
        offset += 1
    }

    /// Moves to the last octet of a comment.
    private mutating func skipComment() {
        offset += 2
        while offset < bytes.count, !starts(with: 0x2A, 0x2F) { offset += 1 }
        offset += 1
    }

    private func starts(with first: UInt8, _ second: UInt8) -> Bool {
        offset + 1 < bytes.count && bytes[offset] == first && bytes[offset + 1] == second
    }

    private func text(_ range: Range<Int>) -> String {
        String(decoding: bytes[range.clamped(to: 0..<bytes.count)], as: UTF8.self)
    }
}

/// A text of a definition that cannot be read.
struct TemplateFault: Error {
    var message: String
}
