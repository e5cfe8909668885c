import Gateway

extension Commands {
    static var route: Command {
        Command(
            name: "route",
            summary: "explain what would happen to a call",
            details: "Exit code 0: some agent would get the call. 1: it would be refused.",
            options: [
                Arguments.Option("--to", "NUMBER", "what is dialled, as the carrier would send it"),
                Arguments.Option("--from", "NUMBER", "who calls; else an anonymous caller"),
                Arguments.Option("--trunk", "TRUNK", "the trunk, or ORGANIZATION/TRUNK; else any"),
                Arguments.Option("--at", "TIME", "when, such as 2026-11-21T07:05:09Z; else now"),
                Arguments.Option("--door", "DOOR", "sip or twilio alone; else both"),
                Arguments.Option("--caller-name", "NAME", "the caller's name, for the workflow"),
                Arguments.Option(
                    "--attestation",
                    "LEVEL",
                    "A, B, C or failed: the carrier's verdict on the caller's number"
                ),
                Arguments.Option(
                    "--header",
                    "'X-NAME: VALUE'",
                    "a header of the INVITE, a parameter of the webhook; any number of times"
                ),
                Arguments.Option(
                    "--definition",
                    "FILE",
                    "try this workflow instead of the organization's own"
                ),
                Arguments.Option(
                    "--http-answer",
                    "STEP=ANSWER",
                    "what an http step is answered: 200:FILE, FILE, 503, timed_out or unreachable"
                ),
                Arguments.Option("--http", nil, "send the requests of other http steps for real"),
                Command.json, Command.configuration,
            ]
        ) { arguments in
            let session = try Session(configurationFile: arguments["--config"])
            var options = RouteCommand.Options(to: try arguments.required("--to"))
            options.from = arguments["--from"]
            options.trunk = arguments["--trunk"]
            options.at = arguments["--at"]
            options.door = arguments["--door"]
            options.callerName = arguments["--caller-name"]
            options.attestation = arguments["--attestation"]
            options.headers = arguments.values("--header")
            options.definition = arguments["--definition"]
            options.httpAnswers = arguments.values("--http-answer")
            options.sendsRequests = arguments.has("--http")
            let explanation = try RouteCommand.explain(session, options)
            Terminal.tell(arguments.has("--json") ? explanation.json : explanation.text)
            return explanation.isAnswered ? 0 : 1
        }
    }

    static var call: Command {
        Command(
            name: "call",
            summary: "place a test call against a running gateway",
            details: "Exit code 0: the call was given to an agent. 1: it was not.",
            options: [
                Arguments.Option("--to", "NUMBER", "the number to dial"),
                Arguments.Option("--from", "NUMBER", "the caller; default +12125550123"),
                Arguments.Option("--door", "DOOR", "sip-udp (default), sip-tcp or twilio"),
                Arguments.Option(
                    "--server",
                    "H:P",
                    "an address or a name; default 127.0.0.1:5060, for twilio 127.0.0.1:8080"
                ),
                Arguments.Option("--account", "SID", "twilio: the account"),
                Arguments.Option("--token", "TOKEN", "twilio: its auth token"),
                Arguments.Option(
                    "--url",
                    "URL",
                    "twilio: the gateway's public_url; default http://H:P"
                ),
                Command.json,
            ]
        ) { arguments in
            let name = arguments["--door"] ?? "sip-udp"
            guard let door = TestCall.Door(rawValue: name) else {
                throw UsageError("--door \(name): write sip-udp, sip-tcp or twilio")
            }
            let server =
                arguments["--server"] ?? (door == .twilio ? "127.0.0.1:8080" : "127.0.0.1:5060")
            let plan = try TestCall.Plan(
                to: try arguments.required("--to"),
                from: arguments["--from"] ?? "+12125550123",
                door: door,
                server: server,
                accountSID: door == .twilio ? try arguments.required("--account") : "",
                token: door == .twilio ? try arguments.required("--token") : "",
                publicURL: arguments["--url"] ?? "http://\(server)"
            )
            let isAnswered =
                arguments.has("--json")
                ? try TestCall.placeTellingJSON(plan) { Terminal.tell($0) }
                : try TestCall.place(plan) { Terminal.tell($0) }
            return isAnswered ? 0 : 1
        }
    }

    static var contact: Command {
        Command(
            name: "contact",
            summary: "wait as the target of a redirect: does the carrier follow?",
            details: """
                Give a number an agent with the target sip:probe@H:P, and call the number by the carrier.
                Exit code 0: its INVITE came here. 1: none came in time.
                """,
            options: [
                Arguments.Option("--listen", "H:P", "an address of this host, over UDP"),
                Arguments.Option("--seconds", "N", "how long to wait, 1 to 3600; default 60"),
                Command.json,
            ]
        ) { arguments in
            let seconds = arguments["--seconds"].map { Int($0) } ?? 60
            guard let seconds, (1...3_600).contains(seconds) else {
                throw UsageError("--seconds is a number from 1 to 3600")
            }
            let address = try arguments.required("--listen")
            let arrival =
                arguments.has("--json")
                ? try RedirectTest.runTellingJSON(at: address, seconds: seconds) {
                    Terminal.tell($0)
                }
                : try RedirectTest.run(at: address, seconds: seconds) { Terminal.tell($0) }
            return arrival == nil ? 1 : 0
        }
    }

    static var signature: Command {
        Command(
            name: "signature",
            summary: "which X-Twilio-Signature is right, and why another is not",
            details: """
                Exit code 0: the signature is right, or none was given. 1: it is wrong, or none is right
                because --url does not name the --body.
                """,
            options: [
                Arguments.Option("--url", "URL", "the URL that Twilio was given, with its query"),
                Arguments.Option("--token", "TOKEN", "the auth token, or the shared key's secret"),
                Arguments.Option("--algorithm", "NAME", "HMAC_SHA1 (default) or HMAC_SHA256"),
                Arguments.Option("--param", "NAME=VALUE", "a form parameter; any number of times"),
                Arguments.Option("--body", "FILE", "a body that is no form; bodySHA256 names it"),
                Arguments.Option("--signature", "S", "the signature to compare with"),
                Command.json,
            ]
        ) { arguments in
            let question = SignatureCommand.Question(
                url: try arguments.required("--url"),
                token: try arguments.required("--token"),
                algorithm: arguments["--algorithm"],
                parameters: arguments.values("--param"),
                body: try arguments["--body"].map { try File.read($0) },
                signature: arguments["--signature"]
            )
            let answer = try SignatureCommand.answer(question, asJSON: arguments.has("--json"))
            Terminal.tell(answer.text)
            return answer.isRight ? 0 : 1
        }
    }

    static var calls: Command {
        Command(
            name: "calls",
            summary: "list the call records, newest last",
            options: [
                Arguments.Option("--to", "NUMBER", "calls to this number, as +E.164"),
                Arguments.Option("--from", "NUMBER", "calls from this number"),
                Arguments.Option("--since", "TIME", "2026-11-21T07:05:09Z, or 15m, 2h, 1d ago"),
                Arguments.Option("--reason", "REASON", "refusals for this reason"),
                Arguments.Option("--call", "ID", "one call's, by its X-Trunkline-Call"),
                Arguments.Option("--limit", "N", "at most so many; default 100"),
                Arguments.Option("--follow", nil, "go on with new ones until interrupted"),
                Arguments.Option("--explain", nil, "the steps of the workflow below each call"),
                Command.json, Command.configuration,
            ]
        ) { arguments in
            let limit = arguments["--limit"].map { Int($0) } ?? 100
            guard let limit, (1...10_000).contains(limit) else {
                throw UsageError("--limit is a number from 1 to 10000")
            }
            let question = try CallRecordsCommand.Question(
                to: arguments["--to"],
                from: arguments["--from"],
                since: arguments["--since"],
                reason: arguments["--reason"],
                call: arguments["--call"],
                limit: limit,
                asJSON: arguments.has("--json"),
                explains: arguments.has("--explain")
            )
            try CallRecordsCommand.list(
                try Session(configurationFile: arguments["--config"]),
                question,
                follow: arguments.has("--follow")
            ) { Terminal.tell($0) }
            return 0
        }
    }
}
