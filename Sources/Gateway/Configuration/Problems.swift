import Primitives

/// A line and a column of a file, both from 1; columns count Unicode scalars, as editors do.
package struct SourcePosition: Hashable, Sendable {
    package var line: UInt32
    package var column: UInt32

    package init(line: UInt32, column: UInt32) {
        self.line = line
        self.column = column
    }

    package static let start = SourcePosition(line: 1, column: 1)
}

/// One thing that is wrong in a file: where it stands, what is wrong, and what to write instead.
package struct Problem: Hashable, Sendable, CustomStringConvertible {
    package var file: String
    package var position: SourcePosition
    /// Such as `organizations[0].numbers[3].trunk`; empty for the whole document.
    package var path: String
    package var message: String

    package init(file: String, position: SourcePosition, path: String, message: String) {
        self.file = file
        self.position = position
        self.path = path
        self.message = message
    }

    /// `directory.json5:12:7: organizations[0].name: …` on one line.
    package var description: String {
        let place = "\(file):\(position.line):\(position.column): "
        return path.isEmpty ? place + message : place + path + ": " + message
    }
}

/// All problems of one file, collected while it is read, so that they come out at once.
package final class Problems {
    package let file: String
    package private(set) var list: [Problem] = []
    /// What refuses nothing, but may not be meant so.
    private(set) var warnings: [Problem] = []
    /// How many more were found after the list was full.
    private(set) var omittedCount = 0

    package init(file: String) {
        self.file = file
    }

    package var isEmpty: Bool { list.isEmpty }

    func report(_ message: String, path: String = "", at position: SourcePosition) {
        guard list.count < Self.countMax else {
            omittedCount += 1
            return
        }
        list.append(Problem(file: file, position: position, path: path, message: message))
    }

    func warn(_ message: String, path: String = "", at position: SourcePosition) {
        guard warnings.count < Self.countMax else { return }
        warnings.append(Problem(file: file, position: position, path: path, message: message))
    }

    /// The problems in the order of the file.
    var sorted: [Problem] { Self.sorted(list) }

    /// How many there are beyond these; nil: none.
    var rest: String? { omittedCount == 0 ? nil : "\(file): and \(omittedCount) more problems" }

    /// The problems in the order of the file, one line each.
    package var lines: [String] { sorted.map(\.description) + [rest].compactMap(\.self) }

    /// The warnings in the order of the file.
    var sortedWarnings: [Problem] { Self.sorted(warnings) }

    /// The same, one line each.
    package var warningLines: [String] { sortedWarnings.map { "warning: \($0)" } }

    private static func sorted(_ list: [Problem]) -> [Problem] {
        list.sorted { left, right in
            (left.position.line, left.position.column) < (
                right.position.line, right.position.column
            )
        }
    }

    /// A file with a wrong beginning can be wrong in every line; people read the first screens.
    private static let countMax = 200
}

/// Wording that problems share.
package enum Wording {
    /// `text` in double quotes, control characters and bidi marks escaped, cut after 60 characters.
    package static func quoted(_ text: String) -> String {
        var out = "\""
        for (count, scalar) in text.unicodeScalars.enumerated() {
            guard count < 60 else {
                out += "…"
                break
            }
            switch scalar.value {
            case 0x22, 0x5C: out += "\\" + String(scalar)
            case 0..<0x20, 0x7F..<0xA0, 0x200B...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF:
                out += "\\u{" + String(scalar.value, radix: 16) + "}"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }

    /// `"a", "b" or "c"`.
    static func choice(of names: [String]) -> String {
        guard let last = names.last, names.count > 1 else {
            return names.map(quoted).joined()
        }
        return names.dropLast().map(quoted).joined(separator: ", ") + " or " + quoted(last)
    }

    /// The name among `candidates` that `word` was probably meant to be, or nil.
    package static func suggestion(for word: String, among candidates: [String]) -> String? {
        Spelling.nearest(to: word, among: candidates)
    }
}
