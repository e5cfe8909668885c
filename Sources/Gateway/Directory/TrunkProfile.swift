import Routing

/// What is known of a carrier or a session border controller, as a start for a trunk's settings.
///
/// Explicit keys of the file win. A profile is spelled out when it is stored: a later version of a
/// profile changes no trunk that exists.
enum TrunkProfile {
    case telnyx, twilio, generic, asterisk, freeswitch, audiocodes, ribbon

    static let names: KeyValuePairs<String, TrunkProfile> = [
        "telnyx": .telnyx, "twilio": .twilio, "generic": .generic, "asterisk": .asterisk,
        "freeswitch": .freeswitch, "audiocodes": .audiocodes, "ribbon": .ribbon,
    ]

    /// The settings that the profile stands for.
    ///
    /// The number stands in the Request-URI for all of them, and none has a country of its own: whoever
    /// has the trunk knows which national forms it sends. Addresses alone say who a carrier is, so that
    /// its P-Asserted-Identity is believed (RFC 3325 §2.3).
    var inbound: InboundTrunk {
        var inbound = InboundTrunk(
            numberSource: .requestURI,
            defaultCountry: nil,
            answerMode: .redirect,
            trustsIdentity: true,
            followsEmbeddedHeaders: false,
            allowsPrivateTargets: false
        )
        switch self {
        case .telnyx:
            // Telnyx tries its next route after 408, 480, 503 and 504, and not after 404, 486 and 603: a
            // call that came by the wrong one of two trunks would be lost with 403.
            inbound.refusalStatus = [.wrongTrunk: 480]
        case .twilio:
            // Elastic SIP Trunking follows redirects, but none to private addresses or to its own
            // domains (error 32219): targets of that kind are refused when they are saved.
            break
        case .audiocodes:
            // Which codes lead to the next route is configured there; 408 always does.
            inbound.refusalStatus = Dictionary(
                uniqueKeysWithValues: Self.goesOn.map { ($0, 408) }
            )
        case .ribbon:
            // It follows the Contacts in the order of q as it comes. Headers in them count only with its
            // flag for embedded headers: whoever sets that, sets `embedded_headers: true` here.
            break
        case .asterisk, .freeswitch:
            // Both follow a redirect to another host once they are told to (`redirect_method: uri_core`;
            // a dialplan over `sip_redirect_…`), and their own dialplan says what comes after a refusal.
            // FreeSWITCH shows the parameters of a Contact to it.
            break
        case .generic:
            break
        }
        return inbound
    }

    /// Refusals that are no word on the call itself: the carrier shall try another way.
    private static let goesOn: [RefusalReason] = [
        .wrongTrunk, .notActive, .noAgent, .agentUnavailable, .noTarget, .targetsExhausted,
        .workflowFailed, .tooManyWaiting, .answerMode,
    ]
}
