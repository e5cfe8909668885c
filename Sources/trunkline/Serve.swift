import Gateway
import Glibc

extension Commands {
    static var serve: Command {
        Command(
            name: "serve",
            summary: "run the gateway",
            details: """
                SIGTERM drains and ends it, a second one ends it at once. SIGHUP reads configuration and
                directory again. SIGUSR1 starts a new file of the call log.
                """,
            options: [Command.configuration]
        ) { arguments in
            let file = arguments["--config"]
            let session = try Session(configurationFile: file)
            let environment = Daemon.Environment { name in getenv(name).map { String(cString: $0) }
            }
            do {
                return try Daemon(
                    configuration: session.configuration,
                    configurationFile: session.configurationFile,
                    environment: environment
                ).run()
            } catch {
                // Where a key of the file is to blame, its line says more.
                _ = try Session(configurationFile: file, checkingHost: true)
                throw error
            }
        }
    }

    static var demo: Command {
        Command(
            name: "demo",
            summary: "run a sample gateway on loopback and place a call through each door",
            details: "Needs no configuration and no root. Its folder is removed at the end.",
            options: []
        ) { _ in
            try Demo.run(as: CommandLine.arguments.first ?? "trunkline") { Terminal.tell($0) }
        }
    }
}
