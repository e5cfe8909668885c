import HTTP
import Primitives
import Synchronization
import Transport

/// The pages for operators: is the process alive, does it take calls, what has it counted.
final class Operations: Sendable {
    private let counters: [LoopCounters]
    private let index: CallIndexFigures
    private let probes: ProbeCounters
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

    init(counters: [LoopCounters], index: CallIndexFigures, probes: ProbeCounters) {
        self.counters = counters
        self.index = index
        self.probes = probes
    }

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
            response.reset(
                phase == .ready ? .ok : .serviceUnavailable,
                contentType: "application/json"
            )
            response.body.append("{\"status\":\"")
            response.body.append(phase.name)
            response.body.append("\"}\n")
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
        for counter in LoopCounters.Counter.allCases where counter != .probesAnswered {
            body.append("# HELP ")
            body.append(counter.metric)
            body.append(" ")
            body.append(counter.help)
            body.append("\n# TYPE ")
            body.append(counter.metric)
            body.append(counter.isGauge ? " gauge\n" : " counter\n")
            body.append(counter.metric)
            body.append(" ")
            body.appendDecimal(total(counter))
            body.append("\n")
        }
        for metric in probes.metrics {
            write(metric.name, metric.type, metric.help, metric.value, to: &body)
        }
        write(
            "trunkline_call_index_lag_bytes",
            "gauge",
            "Bytes of the call log that are not in the index yet.",
            index.lagBytes.load(ordering: .relaxed),
            to: &body
        )
        write(
            "trunkline_call_index_missed_files_total",
            "counter",
            "Files of the call log that were removed before they were indexed.",
            index.filesMissed.load(ordering: .relaxed),
            to: &body
        )
        write(
            "trunkline_process_cpu_microseconds_total",
            "counter",
            "User and system time.",
            Int(ThisProcess.cpuMicroseconds),
            to: &body
        )
        write(
            "trunkline_resident_memory_bytes",
            "gauge",
            "Resident memory.",
            Int(ThisProcess.residentBytes),
            to: &body
        )
        write(
            "trunkline_uptime_seconds",
            "gauge",
            "Time since the start.",
            Int((Clock.now() - startedAt).nanoseconds / 1_000_000_000),
            to: &body
        )
    }

    private func write(
        _ name: StaticString,
        _ type: StaticString,
        _ help: StaticString,
        _ value: Int,
        to body: inout ByteBuffer
    ) {
        body.append("# HELP ")
        body.append(name)
        body.append(" ")
        body.append(help)
        body.append("\n# TYPE ")
        body.append(name)
        body.append(" ")
        body.append(type)
        body.append("\n")
        body.append(name)
        body.append(" ")
        body.appendDecimal(value)
        body.append("\n")
    }
}

extension LoopCounters.Counter {
    /// The name under which metrics show it, and what it counts.
    private var text: (metric: StaticString, help: StaticString) {
        switch self {
        case .probesAnswered:
            ("trunkline_probes_answered_total", "Questions of the watchdog that were answered.")
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
        case .callsAnswered: ("trunkline_calls_answered_total", "Calls given to an agent.")
        case .callsRefused: ("trunkline_calls_refused_total", "Calls refused, for any reason.")
        case .retransmissions:
            ("trunkline_sip_retransmissions_total", "Answers sent again, asked for or by timer.")
        case .statelessAnswers:
            ("trunkline_sip_stateless_answers_total", "Answers given while the table was full.")
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
