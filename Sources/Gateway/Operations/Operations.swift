import HTTP
import Primitives
import Routing
import Synchronization
import Transport

/// The pages for operators: is the process alive, does it take calls, what has it counted.
final class Operations: Sendable {
    private let counters: [LoopCounters]
    private let records: RecordFigures
    private let probes: ProbeCounters
    private let targets: KnownTargets
    private let breakers: HostBreakers
    private let phase = Atomic<UInt8>(Phase.starting.rawValue)
    private let startedAt = Clock.now()

    enum Page: Sendable {
        /// `/healthz`: 200 while the loop that answers goes round.
        case health
        /// `/readyz`: 200 while new calls are welcome, else 503 with the reason.
        case readiness
        /// `/metrics`: Prometheus' text format.
        case metrics
    }

    /// How far the daemon is in its life.
    enum Phase: UInt8, Sendable {
        case starting, ready, draining

        var name: StaticString {
            switch self {
            case .starting: "starting"
            case .ready: "ready"
            case .draining: "draining"
            }
        }
    }

    init(
        counters: [LoopCounters],
        records: RecordFigures,
        probes: ProbeCounters,
        targets: KnownTargets,
        breakers: HostBreakers
    ) {
        self.counters = counters
        self.records = records
        self.probes = probes
        self.targets = targets
        self.breakers = breakers
    }

    /// What the probes found of a target; nil for one that is not probed.
    func state(ofTarget uri: String) -> String? { targets.words(of: uri) }

    func enter(_ phase: Phase) {
        self.phase.store(phase.rawValue, ordering: .relaxed)
    }

    func answer(_ page: Page, _ response: inout HTTPResponse) {
        switch page {
        case .health:
            response.reset(.ok, contentType: "application/json")
            response.body.append("{\"status\":\"ok\"}\n")
        case .readiness:
            let phase = Phase(rawValue: phase.load(ordering: .relaxed)) ?? .starting
            let hasLog = records.hasLog.load(ordering: .relaxed)
            response.reset(
                phase == .ready && hasLog ? .ok : .serviceUnavailable,
                contentType: "application/json"
            )
            response.body.append("{")
            let isLogGone = phase == .ready && !hasLog
            response.body.appendJSON("status", word: isLogGone ? "no_call_log" : phase.name)
            response.body.append("}\n")
        case .metrics:
            response.reset(.ok, contentType: "text/plain; version=0.0.4; charset=utf-8")
            write(to: &response.body)
        }
        response.addField("Cache-Control", "no-store" as StaticString)
    }

    /// The sum of a counter over all loops.
    func total(_ counter: LoopCounters.Counter) -> Int {
        counters.reduce(0) { $0 &+ $1[counter] }
    }

    private func write(to body: inout ByteBuffer) {
        var metrics = MetricsText()
        writeCalls(to: &metrics)
        for counter in LoopCounters.Counter.allCases {
            let type: StaticString = counter.isGauge ? "gauge" : "counter"
            metrics.write(counter.metric, type, counter.help, total(counter))
        }
        for metric in probes.metrics {
            metrics.write(metric.name, metric.type, metric.help, metric.value)
        }
        writeHosts(to: &metrics)
        writeRecords(to: &metrics)
        writeProcess(to: &metrics)
        body.append(metrics.text.span)
    }

    /// The call log and its index.
    private func writeRecords(to metrics: inout MetricsText) {
        metrics.write(
            "trunkline_call_log_failures_total",
            "counter",
            "Writes, syncs and new files of the call log that failed.",
            records.logFailures.load(ordering: .relaxed)
        )
        metrics.write(
            "trunkline_call_log_lines_dropped_total",
            "counter",
            "Records that the disk did not take before too many waited.",
            records.linesDropped.load(ordering: .relaxed)
        )
        metrics.write(
            "trunkline_call_index_failures_total",
            "counter",
            "Turns of the index of calls that failed.",
            records.indexFailures.load(ordering: .relaxed)
        )
        metrics.write(
            "trunkline_call_index_lag_bytes",
            "gauge",
            "Bytes of the call log that are not in the index yet.",
            records.lagBytes.load(ordering: .relaxed)
        )
        metrics.write(
            "trunkline_call_index_missed_files_total",
            "counter",
            "Files of the call log that were removed before they were indexed.",
            records.filesMissed.load(ordering: .relaxed)
        )
    }

    private func writeProcess(to metrics: inout MetricsText) {
        metrics.begin("trunkline_build_info", "gauge", "1, with the version of the program.")
        metrics.sample("trunkline_build_info", [("version", Version.number)], "1")
        metrics.write(
            "trunkline_process_cpu_microseconds_total",
            "counter",
            "User and system time.",
            Int(ThisProcess.cpuMicroseconds)
        )
        metrics.write(
            "trunkline_resident_memory_bytes",
            "gauge",
            "Resident memory.",
            Int(ThisProcess.residentBytes)
        )
        metrics.write(
            "trunkline_uptime_seconds",
            "gauge",
            "Time since the start.",
            Int((Clock.now() - startedAt).nanoseconds / 1_000_000_000)
        )
    }

    /// The hosts of workflows; none before one was asked.
    private func writeHosts(to metrics: inout MetricsText) {
        let hosts = breakers.all
        guard !hosts.isEmpty else { return }
        for metric in HostBreakers.metrics {
            metrics.begin(metric.name, metric.type, metric.help)
            for (origin, breaker) in hosts {
                metrics.sample(metric.name, [("host", origin.text)], String(metric.value(breaker)))
            }
        }
    }

    /// What became of calls, by door: answered, refused by reason, and the time that each took.
    private func writeCalls(to metrics: inout MetricsText) {
        let answered: StaticString = "trunkline_calls_answered_total"
        metrics.begin(answered, "counter", "Calls given to an agent.")
        for door in IncomingCall.Door.allCases {
            let total = sum(door) { $0.answered.value }
            metrics.sample(answered, [("door", "\(door.name)")], String(total))
        }
        let refused: StaticString = "trunkline_calls_refused_total"
        metrics.begin(refused, "counter", "Calls refused, by reason.")
        for door in IncomingCall.Door.allCases {
            for reason in RefusalReason.ofCalls {
                let labels: [(StaticString, String)] = [
                    ("door", "\(door.name)"), ("reason", reason.rawValue),
                ]
                metrics.sample(refused, labels, String(sum(door) { $0.refused(reason) }))
            }
        }
        let seconds: StaticString = "trunkline_call_seconds"
        metrics.begin(seconds, "histogram", "From the arrival of a call to its answer.")
        for door in IncomingCall.Door.allCases { writeTimes(of: door, as: seconds, to: &metrics) }
    }

    private func writeTimes(
        of door: IncomingCall.Door,
        as metric: StaticString,
        to metrics: inout MetricsText
    ) {
        let label: (StaticString, String) = ("door", "\(door.name)")
        var count = 0
        for place in 0...DoorCounters.timeBounds.count {
            count &+= sum(door) { $0.calls(inTimePlace: place) }
            let isLast = place == DoorCounters.timeBounds.count
            let bound = isLast ? "+Inf" : Self.seconds(DoorCounters.timeBounds[place])
            metrics.sample(metric, suffix: "_bucket", [label, ("le", bound)], String(count))
        }
        let microseconds = sum(door) { $0.microseconds.value }
        metrics.sample(metric, suffix: "_sum", [label], Self.seconds(microseconds))
        metrics.sample(metric, suffix: "_count", [label], String(count))
    }

    private func sum(_ door: IncomingCall.Door, _ count: (DoorCounters) -> Int) -> Int {
        counters.reduce(0) { $0 &+ count($1[door]) }
    }

    private static func seconds(_ microseconds: Int) -> String {
        String(Double(microseconds) / 1_000_000)
    }
}

extension LoopCounters.Counter {
    /// The name under which metrics show it, and what it counts.
    private var text: (metric: StaticString, help: StaticString) {
        switch self {
        case .selfProbesAnswered:
            (
                "trunkline_watchdog_answers_total",
                "Questions of the watchdog to the daemon's own sockets that were answered."
            )
        case .datagramsReceived:
            ("trunkline_sip_datagrams_received_total", "UDP datagrams received.")
        case .datagramsSent: ("trunkline_sip_datagrams_sent_total", "UDP datagrams sent.")
        case .datagramsDropped:
            ("trunkline_sip_datagrams_dropped_total", "UDP datagrams lost in the kernel's queue.")
        case .notSIP: ("trunkline_sip_ignored_total", "Messages that are no request for us.")
        case .strangers:
            ("trunkline_sip_unknown_source_total", "Requests from sources that no trunk allows.")
        case .requestsRefused:
            (
                "trunkline_sip_requests_refused_total",
                "Requests of known trunks that were refused before they were calls."
            )
        case .retransmissions:
            ("trunkline_sip_retransmissions_total", "Answers sent again, asked for or by timer.")
        case .statelessAnswers:
            ("trunkline_sip_stateless_answers_total", "Answers given while the table was full.")
        case .answersUnsent:
            ("trunkline_sip_answers_unsent_total", "Answers that could not be sent.")
        case .sipConnections: ("trunkline_sip_connections", "Open SIP streams.")
        case .httpConnections: ("trunkline_http_connections", "Open HTTP connections.")
        case .connectionsRefused:
            ("trunkline_connections_refused_total", "Connections closed for a limit.")
        case .webhooks: ("trunkline_webhooks_total", "Webhooks received.")
        case .webhooksForged:
            ("trunkline_webhooks_refused_total", "Webhooks without a valid signature.")
        case .recordsLost: ("trunkline_records_lost_total", "Records that found the ring full.")
        case .transactionsLive:
            ("trunkline_sip_transactions", "Transactions that wait for an ACK or an answer.")
        case .transactionsConfirmed:
            ("trunkline_sip_transactions_confirmed", "Acknowledged transactions still remembered.")
        case .transactionTimers: ("trunkline_sip_transaction_timers", "Timers of transactions.")
        case .workflowRuns: ("trunkline_workflow_runs_total", "Runs of workflows.")
        case .workflowFailures:
            ("trunkline_workflow_failures_total", "Runs that came to no answer.")
        case .workflowRequests:
            ("trunkline_workflow_requests_total", "Requests of workflows that were sent.")
        case .workflowRequestsRefused:
            (
                "trunkline_workflow_requests_refused_total",
                "Requests not sent: the host failed too often, or too many calls wait."
            )
        case .workflowRunsWaiting:
            ("trunkline_workflow_runs_waiting", "Runs that wait for a host.")
        }
    }

    fileprivate var metric: StaticString { text.metric }
    fileprivate var help: StaticString { text.help }
}
