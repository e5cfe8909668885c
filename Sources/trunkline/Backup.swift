import Gateway

extension Commands {
    static var backup: Command {
        Command(
            name: "backup",
            summary: "copy the store to a new file, while the gateway runs",
            details: "The key that seals its secrets is not in it: keep that file apart.",
            operands: ["FILE"],
            options: [Command.json, Command.configuration]
        ) { arguments in
            Terminal.tell(
                try BackupCommands.backup(
                    try Session(configurationFile: arguments["--config"]),
                    to: arguments.operands[0],
                    asJSON: arguments.has("--json")
                )
            )
            return 0
        }
    }

    static var restore: Command {
        Command(
            name: "restore",
            summary: "put a backup in the place of the store",
            details: """
                Stop the gateway first. The store that was there is kept beside it, even if it is damaged:
                as directory.sqlite.before-restore, then -2 and so on, with its write-ahead log.
                """,
            operands: ["FILE"],
            options: [Command.json, Command.configuration]
        ) { arguments in
            Terminal.tell(
                try BackupCommands.restore(
                    try Session(configurationFile: arguments["--config"]),
                    from: arguments.operands[0],
                    asJSON: arguments.has("--json")
                )
            )
            return 0
        }
    }
}
