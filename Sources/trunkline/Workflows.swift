import Gateway

extension Commands {
    static var workflowCheck: Command {
        Command(
            name: "workflow check",
            summary: "say everything that is wrong with a workflow in a file",
            details: """
                FILE is a workflow_definition alone, as those of config/workflows. Exit code 0: it can be
                used, warnings are told. 1: every problem is on a line of its own.
                """,
            operands: ["FILE"],
            options: [
                Arguments.Option("--directory", "FILE", "a directory file: check the agents too"),
                Arguments.Option(
                    "--organization",
                    "ORGANIZATION",
                    "whose agents, where the directory file has several organizations"
                ),
                Arguments.Option(
                    "--config",
                    "FILE",
                    "the configuration: check the hosts of http steps too"
                ),
                Command.json,
            ]
        ) { arguments in
            let file = arguments["--config"]
            let surroundings = WorkflowCommands.Surroundings(
                configuration: try file.map { try Session(configurationFile: $0).configuration },
                directoryFile: arguments["--directory"],
                organization: arguments["--organization"]
            )
            let (problems, isRight) = try WorkflowCommands.check(
                arguments.operands[0],
                surroundings
            )
            if arguments.has("--json") {
                Terminal.tell(WorkflowCommands.json(problems, isRight: isRight))
            } else {
                for line in problems.lines + problems.warningLines { Terminal.complain(line) }
                if isRight { Terminal.tell("ok") }
            }
            return isRight ? 0 : 1
        }
    }

    static var workflowDraw: Command {
        Command(
            name: "workflow draw",
            summary: "draw a workflow in a file as a Mermaid flowchart",
            details: "FILE is a workflow_definition alone, as those of config/workflows.",
            operands: ["FILE"],
            options: []
        ) { arguments in
            Terminal.tell(try WorkflowCommands.draw(arguments.operands[0]))
            return 0
        }
    }

    static var replay: Command {
        Command(
            name: "replay",
            summary: "run the last recorded calls through a draft of a workflow",
            details: """
                Tells each call that would go elsewhere: where it went → where it would go. Nothing is sent
                and nothing changed. Exit code 0: no call would go elsewhere. 1: some would.
                """,
            options: [
                Arguments.Option("--definition", "FILE", "the draft, a workflow_definition alone"),
                Arguments.Option("--last", "N", "so many calls, 1 to 10000; default 1000"),
                Arguments.Option(
                    "--organization",
                    "ORGANIZATION",
                    "whose calls, where the directory has several organizations"
                ),
                Command.json, Command.configuration,
            ]
        ) { arguments in
            let last = arguments["--last"].map { Int($0) } ?? 1_000
            guard let last, (1...10_000).contains(last) else {
                throw UsageError("--last is a number from 1 to 10000")
            }
            let question = ReplayCommand.Question(
                definition: try arguments.required("--definition"),
                last: last,
                organization: arguments["--organization"]
            )
            let findings = try ReplayCommand.run(
                try Session(configurationFile: arguments["--config"]),
                question
            ) { done, total in
                Terminal.complain("\(done) of \(total) calls replayed")
            }
            Terminal.tell(arguments.has("--json") ? findings.json : findings.text)
            return findings.differences.isEmpty ? 0 : 1
        }
    }

    static var jsonata: Command {
        Command(
            name: "jsonata",
            summary: "try an expression as workflows have it",
            details: """
                EXPRESSION is what stands between {{ and }}. Exit code 0: it has a value, or none. 1: it is
                wrong; code, place and a caret say where.
                """,
            operands: ["EXPRESSION"],
            options: [
                Arguments.Option("--data", "FILE", "JSON that it is over; - for standard input"),
                Arguments.Option("--at", "TIME", "what $now() is; else now"),
                Arguments.Option("--compact", nil, "the value on one line"),
            ]
        ) { arguments in
            let answer = try JSONataCommand.evaluate(
                arguments.operands[0],
                data: arguments["--data"],
                at: arguments["--at"],
                isCompact: arguments.has("--compact")
            )
            switch answer {
            case .value(let text?): Terminal.tell(text)
            case .value(nil): Terminal.complain("no value")
            case .fault(let text):
                Terminal.complain(text)
                return 1
            }
            return 0
        }
    }
}
