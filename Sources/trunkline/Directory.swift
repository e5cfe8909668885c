import Gateway

extension Commands {
    static var check: Command {
        Command(
            name: "check",
            summary: "say everything that is wrong, without starting",
            details: """
                Looks at the configuration, at what this host has of it, and at the directory. Exit code 0:
                nothing is wrong, warnings are told. 1: every problem is on a line of its own.
                """,
            options: [
                Command.configuration, Command.json,
                Arguments.Option(
                    "-f",
                    "FILE",
                    "check this directory file instead of the stored directory"
                ),
            ]
        ) { arguments in
            let found = try DirectoryCommands.check(
                configurationFile: arguments["--config"],
                directoryFile: arguments["-f"]
            )
            if arguments.has("--json") {
                Terminal.tell(found.json)
            } else {
                for line in found.warnings { Terminal.complain("warning: " + line) }
                for line in found.problems { Terminal.complain(line) }
                if found.problems.isEmpty { Terminal.tell("ok") }
            }
            return found.problems.isEmpty ? 0 : 1
        }
    }

    static var apply: Command {
        Command(
            name: "apply",
            summary: "make the directory what a file says",
            details: """
                The plan comes first: + for what is created, ~ changed, - deleted. A file with one problem
                changes nothing. A running gateway takes the change over within a second.
                """,
            options: [
                Arguments.Option("-f", "FILE", "the directory file; - for standard input"),
                Command.configuration,
                Arguments.Option("--dry-run", nil, "only print the plan"),
                Arguments.Option("--prune", nil, "delete what the file does not have"),
                Command.json,
            ]
        ) { arguments in
            try DirectoryCommands.apply(
                try Session(configurationFile: arguments["--config"]),
                file: try arguments.required("-f"),
                isDryRun: arguments.has("--dry-run"),
                prune: arguments.has("--prune"),
                asJSON: arguments.has("--json")
            ) { Terminal.tell($0) }
            return 0
        }
    }

    static var export: Command {
        Command(
            name: "export",
            summary: "write the directory as a file for apply, without secrets",
            options: [Command.json, Command.configuration]
        ) { arguments in
            Terminal.tell(
                try DirectoryCommands.export(
                    try Session(configurationFile: arguments["--config"]),
                    asJSON: arguments.has("--json")
                )
            )
            return 0
        }
    }
}
