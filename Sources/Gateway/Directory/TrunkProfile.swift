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

    var inbound: InboundTrunk {
        var inbound = InboundTrunk()
        switch self {
        case .telnyx:
            // Telnyx tries its next route after 408, 480, 503 and 504 alone: a call that came by the
            // wrong one of two trunks would be lost with 403.
            inbound.refusalStatus = [.wrongTrunk: 480]
        case .twilio:
            // Elastic SIP Trunking follows redirects, but none to private addresses or its own domains;
            // targets of that kind are refused when they are saved.
            break
        case .asterisk, .freeswitch, .audiocodes, .ribbon:
            // They follow redirects once they are configured to, and take the next route after whichever
            // status they are told; embedded headers reach an agent only where a flag says so.
            break
        case .generic:
            break
        }
        return inbound
    }
}
