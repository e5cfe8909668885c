import JSONata
import Primitives
import Routing

/// Why a call goes where it goes: the number as received and as read, then for each door every test, every
/// step of the workflow, every target, and the answer as it would go out.
///
/// `trunkline route` and the operator's API show the same one.
package struct CallExplanation: Sendable {
    /// What was dialled, as the carrier sent it.
    package var dialled: String
    /// What each trunk, and Twilio's door, reads that as.
    package var readings: [Reading] = []
    package var doors: [ExplainedDoor] = []
    /// Doors that were asked about and that nothing brings this number by.
    package var closedDoors: [IncomingCall.Door] = []
    package var hints: [String] = []

    package struct Reading: Sendable {
        /// Nil for Twilio's door, which reads all numbers alike.
        package var trunk: String?
        package var number: DialledNumber
        /// How numbers are read there.
        package var rule: String
    }

    /// Whether an agent gets the call by one door at least.
    package var isAnswered: Bool { doors.contains { $0.decision.refusal == nil } }

    package init(dialled: String) {
        self.dialled = dialled
    }
}

/// What becomes of a call at one door.
package struct ExplainedDoor: Sendable {
    package var door: IncomingCall.Door
    package var decision: Decision
    package var tests: [(test: ResolutionTest, held: Bool)]
    package var organization: String?
    package var trunk: String?
    package var credential: String?
    /// Why it is this trunk or credential.
    package var carrierReason: String?
    package var agent: String?
    package var targets: [Target] = []
    /// SIP's status; 200 for TwiML.
    package var status = 200
    /// The 302 or refusal, or the TwiML document.
    package var answer = ""
    /// What should go along with the call and finds no room, by the names that records show.
    package var leftOut: [String] = []
    /// How long the resolution and the workflow took.
    package var duration = Interval.zero

    /// One target of whoever gets the call.
    package struct Target: Sendable {
        package var uri: String
        /// The place in the order in which targets are tried, from 0; nil: it is not offered.
        package var position: Int?
        /// Why it is not offered.
        package var omission: String?
        /// What the probes found, where it is probed.
        package var state: String?
    }

    /// The URIs that are offered, in their order.
    package var offered: [String] {
        guard decision.refusal == nil else { return [] }
        let placed = targets.filter { $0.position != nil }
        return placed.sorted { $0.position ?? 0 < $1.position ?? 0 }.map(\.uri)
    }
}
