/// What is wrong with a target, and in words what to write instead.
package enum TargetFault: Error, Hashable, Sendable, CaseIterable, CustomStringConvertible {
    case empty, tooLong, forbiddenOctet, badEscape, hiddenOctet
    case noScheme, unknownScheme, notEncrypted
    case notE164, localNumber
    case noHost, badHost, badPort
    case twoAts, emptyUser, password, oddUser
    case oddParameter, redirectingParameter, forbiddenHeader, fragment
    case unreachableAddress, privateAddress, privateName, twilioDomain

    package var description: String {
        switch self {
        case .empty: "a target is missing; write such as \"sip:sales@agents.example.com\""
        case .tooLong: "a target has at most \(TargetAddress.byteCountMax) characters"
        case .forbiddenOctet:
            "a target has no blanks, quotes, brackets, controls or letters "
                + "beyond ASCII; percent-encode them"
        case .badEscape: "% stands before two hexadecimal digits; write %25 for a percent sign"
        case .hiddenOctet: "a percent escape must not hide a control character or an @"
        case .noScheme: "the scheme is missing; write sip:, sips:, tel:, wss:, https: or +number"
        case .unknownScheme:
            "this scheme cannot take a call; write sip:, sips:, tel:, wss:, "
                + "https: or +number"
        case .notEncrypted: "calls go only over encrypted web links; write wss: or https:"
        case .notE164: "this is no E.164 number; write + and 2 to 15 digits, no zero first"
        case .localNumber:
            "a local number means something else everywhere; write tel:+ and the "
                + "country code"
        case .noHost: "the host is missing; write such as sip:sales@agents.example.com"
        case .badHost: "this is no host; write a domain name, an IPv4 address or [IPv6]"
        case .badPort: "a port is a number from 1 to 65535"
        case .twoAts: "there is more than one @; write the target with one"
        case .emptyUser: "nothing stands before the @; remove it or write a user"
        case .password: "a target has no password and, in web links, no user"
        case .oddUser:
            "the user holds a character that some readers end the user at; "
                + "percent-encode it"
        case .oddParameter: "a parameter is ;name=value of plain characters"
        case .redirectingParameter:
            "maddr, method and ttl would send the call elsewhere; remove them"
        case .forbiddenHeader: "only X- headers with a value may stand after the ?"
        case .fragment: "a fragment (#…) never reaches the server; remove it"
        case .unreachableAddress: "no call can be sent to this address"
        case .privateAddress:
            "carriers cannot reach a private address; where this one can, set "
                + "allow_private_targets: true on a trunk"
        case .privateName:
            "carriers cannot resolve this name; where this one can, set "
                + "allow_private_targets: true on a trunk"
        case .twilioDomain:
            "Twilio refuses to be sent back to its own domains; write the agent's "
                + "own address"
        }
    }
}
