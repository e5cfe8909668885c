import Primitives
import Routing
import Transport

/// Tells what the probes have found: to who serves calls, to the log, and to the file for people.
struct TargetPublisher {
    private let prober: TargetProber
    private var down: Set<[UInt8]> = []
    /// When changes go out; nil while there are none.
    private var reportDue: Instant?
    private var lastReport = Instant(nanoseconds: 0)
    /// When the file is written next; nil while no target is probed and the file says so.
    private var fileDue: Instant?
    private var lastFile = Instant(nanoseconds: 0)
    private var hasFailed = false

    init(_ prober: TargetProber) {
        self.prober = prober
        // What an earlier process has left is not what is known now.
        fileDue = Instant(nanoseconds: 0)
    }

    var nextDeadline: Instant? {
        [reportDue, fileDue].compactMap { $0 }.min()
    }

    /// Other targets are probed from now on.
    mutating func adopt(_ schedule: borrowing ProbeSchedule) {
        let left = schedule.targets.filter { $0.probe.state == .down }.map(\.target.uri)
        if Set(left) != down { reportDue = lastReport + Limits.targetReportGap }
        down = Set(left)
        fileDue = lastFile + Limits.targetFileGap
    }

    /// A probe of this target has ended.
    mutating func note(_ row: ProbeSchedule.Row, before: TargetProbe) {
        if row.probe.lastAnswer != before.lastAnswer || row.probe.state != before.state {
            fileDue = min(fileDue ?? .distantFuture, lastFile + Limits.targetFileGap)
        }
        guard row.probe.state != before.state else { return }
        switch row.probe.state {
        case .down: down.insert(row.target.uri)
        case .up, .unknown: down.remove(row.target.uri)
        }
        let changesAnswers = row.probe.state == .down || before.state == .down
        if changesAnswers { reportDue = lastReport + Limits.targetReportGap }
        log(row, isNews: changesAnswers)
    }

    /// Sends out what is due.
    mutating func publish(
        _ schedule: borrowing ProbeSchedule,
        at now: Instant,
        wall: WallTime
    ) {
        if let reportDue, reportDue <= now {
            self.reportDue = nil
            lastReport = now
            // Who explains a call must not know less than who serves it.
            prober.states.note(Self.states(of: schedule, wall))
            prober.report(down)
        }
        if let fileDue, fileDue <= now {
            let states = Self.states(of: schedule, wall)
            lastFile = now
            self.fileDue = states.rows.isEmpty ? nil : now + Limits.targetFileAge
            prober.states.note(states)
            write(states)
        }
    }

    private static func states(
        of schedule: borrowing ProbeSchedule,
        _ wall: WallTime
    ) -> TargetStates {
        var states = TargetStates(written: wall)
        for row in schedule.targets {
            states.append(
                TargetStates.Row(
                    uri: String(decoding: row.target.uri, as: UTF8.self),
                    state: row.probe.state,
                    since: row.probe.since,
                    lastAnswer: row.probe.lastAnswer,
                    lastAnswerAt: row.probe.lastAnswerAt,
                    organization: row.target.organization,
                    agent: row.target.agent
                )
            )
        }
        return states
    }

    private mutating func write(_ states: TargetStates) {
        do {
            try states.write(to: prober.statesPath)
            hasFailed = false
        } catch {
            if !hasFailed {
                prober.log.warning(
                    "the states of targets cannot be written",
                    [("error", .text("\(error)"))]
                )
            }
            hasFailed = true
        }
    }

    /// That a target is up at the first look is no news.
    private func log(_ row: ProbeSchedule.Row, isNews: Bool) {
        let event = row.probe.state == .down ? "target down" : "target up"
        let fields: [(StaticString, Log.Field)] = [
            ("uri", .text(String(decoding: row.target.uri, as: UTF8.self))),
            ("organization", .text(row.target.organization)),
            ("agent", .text(row.target.agent)), ("last_answer", .text(row.probe.lastAnswer)),
        ]
        if isNews {
            prober.log.info(event, fields)
        } else {
            prober.log.debug(event, fields)
        }
    }
}
