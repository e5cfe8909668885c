import SIP
import Testing

private typealias State = ServerTransactionState

/// One arrow of a figure.
struct Arrow: CustomStringConvertible, Sendable {
    var from: ServerTransactionState
    var event: ServerTransactionState.Event
    var to: ServerTransactionState
    var effect: ServerTransactionState.Effect

    init(
        _ from: ServerTransactionState,
        _ event: ServerTransactionState.Event,
        _ to: ServerTransactionState,
        _ effect: ServerTransactionState.Effect
    ) {
        self.from = from
        self.event = event
        self.to = to
        self.effect = effect
    }

    var description: String { "\(from) on \(event)" }
}

/// RFC 3261 figure 7 with the changes of RFC 6026 figure 5.
private let inviteArrows: [Arrow] = [
    Arrow(.invite(.proceeding), .request, .invite(.proceeding), .resend),
    Arrow(.invite(.proceeding), .provisional, .invite(.proceeding), .send),
    Arrow(.invite(.proceeding), .success, .invite(.accepted), .send),
    Arrow(.invite(.proceeding), .rejection, .invite(.completed), .send),
    Arrow(.invite(.completed), .request, .invite(.completed), .resend),
    Arrow(.invite(.completed), .timerG, .invite(.completed), .resend),
    Arrow(.invite(.completed), .acknowledgement, .invite(.confirmed), .ignore),
    Arrow(.invite(.completed), .timerH, .invite(.terminated), .inform),
    Arrow(.invite(.confirmed), .timerI, .invite(.terminated), .ignore),
    Arrow(.invite(.accepted), .success, .invite(.accepted), .send),
    Arrow(.invite(.accepted), .acknowledgement, .invite(.accepted), .passUp),
    Arrow(.invite(.accepted), .timerL, .invite(.terminated), .ignore),
]

/// RFC 3261 figure 8.
private let nonInviteArrows: [Arrow] = [
    Arrow(.nonInvite(.trying), .provisional, .nonInvite(.proceeding), .send),
    Arrow(.nonInvite(.trying), .success, .nonInvite(.completed), .send),
    Arrow(.nonInvite(.trying), .rejection, .nonInvite(.completed), .send),
    Arrow(.nonInvite(.proceeding), .request, .nonInvite(.proceeding), .resend),
    Arrow(.nonInvite(.proceeding), .provisional, .nonInvite(.proceeding), .send),
    Arrow(.nonInvite(.proceeding), .success, .nonInvite(.completed), .send),
    Arrow(.nonInvite(.proceeding), .rejection, .nonInvite(.completed), .send),
    Arrow(.nonInvite(.completed), .request, .nonInvite(.completed), .resend),
    Arrow(.nonInvite(.completed), .timerJ, .nonInvite(.terminated), .ignore),
]

@Suite("The server transaction machines")
struct ServerTransactionStateTests {
    @Test("an arrow of the RFC's figure leads where the figure says", arguments: inviteArrows)
    func inviteArrow(arrow: Arrow) {
        let (state, effect) = arrow.from.after(arrow.event)
        #expect(state == arrow.to)
        #expect(effect == arrow.effect)
    }

    @Test("an arrow of figure 8 leads where the figure says", arguments: nonInviteArrows)
    func nonInviteArrow(arrow: Arrow) {
        let (state, effect) = arrow.from.after(arrow.event)
        #expect(state == arrow.to)
        #expect(effect == arrow.effect)
    }

    @Test("what no figure draws changes nothing and sends nothing")
    func everythingElseIsIgnored() {
        let states =
            State.Invite.allCases.map(State.invite) + State.NonInvite.allCases.map(State.nonInvite)
        var ignored = 0
        for state in states {
            for event in State.Event.allCases {
                let isDrawn = (inviteArrows + nonInviteArrows).contains {
                    $0.from == state && $0.event == event
                }
                guard !isDrawn else { continue }
                ignored += 1
                let (next, effect) = state.after(event)
                #expect(next == state, "\(state) on \(event)")
                #expect(effect == .ignore, "\(state) on \(event)")
            }
        }
        #expect(ignored == 9 * 10 - inviteArrows.count - nonInviteArrows.count)
    }
}
