/// The words after a command's name: options with or without a value, and what stands alone.
package struct Arguments {
    private(set) var options: [(name: String, value: String)] = []
    private(set) var flags: Set<String> = []
    /// What stands alone, in order.
    package private(set) var operands: [String] = []

    /// One option of a command, for reading and for `--help`.
    package struct Option: Sendable {
        package var name: String
        /// What stands for the value in the help; nil for a flag.
        package var value: String?
        package var help: String

        package init(_ name: String, _ value: String?, _ help: String) {
            self.name = name
            self.value = value
            self.help = help
        }
    }

    /// Reads `words` as `options` allow: `--name value`, `--name=value`, `-f value`, `--flag`.
    ///
    /// `operandNames` is what may stand alone; all of it has to be there. A word such as `-1` stands
    /// alone too, and so does everything behind `--`.
    package init(_ words: [String], options known: [Option], operandNames: [String] = []) throws {
        var index = 0
        var optionsHaveEnded = false
        while index < words.count {
            let word = words[index]
            index += 1
            if word == "--", !optionsHaveEnded {
                optionsHaveEnded = true
                continue
            }
            guard !optionsHaveEnded, Self.isOption(word) else {
                guard operands.count < operandNames.count else {
                    let file =
                        known.contains { $0.name == "-f" } ? "; did you mean -f \(word)?" : nil
                    throw UsageError("\(word) is not an option\(file ?? "; see --help")")
                }
                operands.append(word)
                continue
            }
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            guard let option = known.first(where: { $0.name == name }) else {
                throw UsageError(Self.unknown(name, known))
            }
            if option.value == nil {
                guard parts.count == 1 else { throw UsageError("\(name) takes no value") }
                flags.insert(name)
            } else if parts.count == 2 {
                options.append((name, String(parts[1])))
            } else {
                guard index < words.count else {
                    throw UsageError("\(name) needs a value: \(name) \(option.value ?? "")")
                }
                options.append((name, words[index]))
                index += 1
            }
        }
        guard operands.count == operandNames.count else {
            throw UsageError("\(operandNames[operands.count]) is missing; see --help")
        }
    }

    /// A dash and a letter, or two dashes.
    private static func isOption(_ word: String) -> Bool {
        guard word.hasPrefix("-"), let second = word.dropFirst().first else { return false }
        return second == "-" || second.isLetter && second.isASCII
    }

    /// The last value of an option.
    package subscript(name: String) -> String? {
        options.last { $0.name == name }?.value
    }

    package func values(_ name: String) -> [String] {
        options.filter { $0.name == name }.map(\.value)
    }

    package func has(_ flag: String) -> Bool { flags.contains(flag) }

    package func required(_ name: String) throws -> String {
        guard let value = self[name] else { throw UsageError("\(name) is missing; see --help") }
        return value
    }

    private static func unknown(_ name: String, _ known: [Option]) -> String {
        guard let likely = Wording.suggestion(for: name, among: known.map(\.name)) else {
            return "\(name) is not an option of this command; see --help"
        }
        return "\(name) is not an option of this command; did you mean \(likely)?"
    }
}

/// A command line that is wrong whatever the files and the directory hold; told with exit code 2.
package struct UsageError: Error, CustomStringConvertible {
    package var description: String

    package init(_ description: String) {
        self.description = description
    }
}

/// What a command cannot do as things are: a name that the directory does not have, a gateway that does
/// not answer; told with exit code 1.
package struct CommandError: Error, CustomStringConvertible {
    package var description: String

    init(_ description: String) {
        self.description = description
    }
}
