import Gateway

/// One command: what it is called, what it does, what may follow it, and how it is run.
struct Command {
    /// One word, or two such as `key list`.
    var name: String
    var summary: String
    var details = ""
    /// What stands alone behind the command, such as `FILE`.
    var operands: [String] = []
    var options: [Arguments.Option]
    /// Returns the exit code.
    var run: (Arguments) throws -> Int32

    var words: [String] { name.split(separator: " ").map(String.init) }

    static let configuration = Arguments.Option(
        "--config",
        "FILE",
        "the configuration; without it every key has its default"
    )
    static let json = Arguments.Option("--json", nil, "print JSON instead of text")
}

/// All commands, and the way from the words of a command line to one of them.
enum Commands {
    private static var all: [Command] {
        [
            serve, demo, check, apply, export, route, workflowCheck, workflowDraw, replay, jsonata,
            call, contact, signature, calls, keyCreate, keyList, keyRevoke, backup, restore,
        ]
    }

    /// Returns the exit code, by the one rule that `--help` tells.
    static func run(_ words: [String]) -> Int32 {
        guard let name = words.first, name != "--help", name != "-h", words != ["help"] else {
            Terminal.tell(overview)
            return words.isEmpty ? 2 : 0
        }
        guard name != "help" else { return run(words.dropFirst() + ["--help"]) }
        guard name != "--version" else {
            Terminal.tell("trunkline \(Version.number)")
            return 0
        }
        let group = all.filter { $0.words.count > 1 && $0.words.first == name }
        if !group.isEmpty, words.dropFirst() == ["--help"] || words.dropFirst() == ["-h"] {
            Terminal.tell(group.map(help).joined(separator: "\n\n"))
            return 0
        }
        guard let command = all.first(where: { words.starts(with: $0.words) }) else {
            complain(about: words, name)
            return 2
        }
        let rest = Array(words.dropFirst(command.words.count))
        guard !rest.contains("--help"), !rest.contains("-h") else {
            Terminal.tell(help(command))
            return 0
        }
        do {
            return try command.run(
                try Arguments(
                    rest,
                    options: command.options,
                    operandNames: command.operands
                )
            )
        } catch let error as UsageError {
            Terminal.complain("trunkline \(command.name): \(error)")
            return 2
        } catch {
            Terminal.complain("\(error)")
            return 1
        }
    }

    private static func complain(about words: [String], _ name: String) {
        let group = all.filter { $0.words.count > 1 && $0.words.first == name }.map(\.name)
        guard group.isEmpty else {
            let second = words.dropFirst().first.map { "\(name) \($0)" } ?? name
            let likely = Wording.suggestion(for: second, among: group)
            let hint =
                likely.map { "did you mean \($0)?" } ?? "write \(group.joined(separator: ", "))"
            return Terminal.complain("\(second) is not a command; \(hint)")
        }
        let likely = Wording.suggestion(for: name, among: all.map(\.name))
        Terminal.complain(
            "\(name) is not a command\(likely.map { "; did you mean \($0)?" } ?? "")"
        )
        Terminal.complain("see trunkline --help")
    }

    private static var overview: String {
        let width = all.map(\.name.count).max() ?? 0
        let lines = all.map { command in
            "  " + command.name + String(repeating: " ", count: width - command.name.count) + "  "
                + command.summary
        }
        return """
            trunkline: an inbound call-routing gateway for SIP trunks and Twilio webhooks

            usage: trunkline COMMAND [OPTIONS]

            \(lines.joined(separator: "\n"))

            trunkline COMMAND --help tells the options of a command. With --json a command prints its result for
            programs. Exit codes of every command:

              0  it is done; the answer is yes
              1  the answer is no, or it cannot be done as things are: a file, a name, a gateway
              2  the command line is wrong, whatever the files and the directory hold
            """
    }

    private static func help(_ command: Command) -> String {
        let usage = (["trunkline", command.name] + command.operands).joined(separator: " ")
        var lines = ["\(usage): \(command.summary)"]
        if !command.details.isEmpty { lines += ["", command.details] }
        if !command.options.isEmpty { lines += ["", "options:"] }
        let names = command.options.map { "\($0.name) \($0.value ?? "")" }
        let width = names.map(\.count).max() ?? 0
        for (name, option) in zip(names, command.options) {
            lines.append(
                "  \(name)\(String(repeating: " ", count: width - name.count))  \(option.help)"
            )
        }
        return lines.joined(separator: "\n")
    }
}
