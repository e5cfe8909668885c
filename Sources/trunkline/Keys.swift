import Gateway

extension Commands {
    static var keyCreate: Command {
        Command(
            name: "key create",
            summary: "make an API key and print it, this once",
            details: """
                The store keeps its SHA-256 alone. A running gateway knows the key within a second. An
                operator's key opens /trunkline/v1/…; the key of one organization opens the contexts of
                its own calls there (conversations:read_sensitive) and is refused elsewhere with 403.
                """,
            options: [
                Arguments.Option("--organization", "ORGANIZATION", "whose key it is"),
                Arguments.Option(
                    "--operator",
                    nil,
                    "instead: a key of the whole gateway, for /trunkline/v1/…"
                ),
                Arguments.Option(
                    "--scopes",
                    "LIST",
                    "what an organization's key may do, such as trunks:read; default *"
                ),
                Arguments.Option("--label", "TEXT", "what it is for"),
                Arguments.Option("--prefix", "PREFIX", "how it begins, such as sk_live_"),
                Arguments.Option(
                    "--expires",
                    "TIME",
                    "when it ends: 90d, 12h, or 2026-11-21T07:05:09Z; default never"
                ),
                Command.json, Command.configuration,
            ]
        ) { arguments in
            let request = try KeyCommands.Request(
                organization: arguments["--organization"],
                isOperator: arguments.has("--operator"),
                scopes: arguments["--scopes"],
                prefix: arguments["--prefix"],
                label: arguments["--label"],
                expires: arguments["--expires"]
            )
            Terminal.tell(
                try KeyCommands.create(
                    try Session(configurationFile: arguments["--config"]),
                    request,
                    asJSON: arguments.has("--json")
                )
            )
            return 0
        }
    }

    static var keyList: Command {
        Command(
            name: "key list",
            summary: "list the API keys, without the keys themselves",
            options: [
                Arguments.Option("--organization", "ORGANIZATION", "those of one alone"),
                Command.json, Command.configuration,
            ]
        ) { arguments in
            let text = try KeyCommands.list(
                try Session(configurationFile: arguments["--config"]),
                organization: arguments["--organization"],
                asJSON: arguments.has("--json")
            )
            if !text.isEmpty { Terminal.tell(text) }
            return 0
        }
    }

    static var keyRevoke: Command {
        Command(
            name: "key revoke",
            summary: "end an API key; a running gateway refuses it within a second",
            details: "KEY is an id of trunkline key list, the beginning of one, or the key itself.",
            operands: ["KEY"],
            options: [Command.json, Command.configuration]
        ) { arguments in
            Terminal.tell(
                try KeyCommands.revoke(
                    try Session(configurationFile: arguments["--config"]),
                    arguments.operands[0],
                    asJSON: arguments.has("--json")
                )
            )
            return 0
        }
    }
}
