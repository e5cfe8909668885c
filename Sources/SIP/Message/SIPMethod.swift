import Primitives

/// The methods of RFC 3261 and of its extensions; anything else is `unknown`.
package enum SIPMethod: UInt8, Hashable, Sendable, BitwiseCopyable, CaseIterable {
    case invite, ack, bye, cancel, options, register
    case prack, subscribe, notify, publish, info, refer, message, update
    case unknown

    /// The method as it stands on the wire; empty for `unknown`.
    package var name: StaticString {
        switch self {
        case .invite: "INVITE"
        case .ack: "ACK"
        case .bye: "BYE"
        case .cancel: "CANCEL"
        case .options: "OPTIONS"
        case .register: "REGISTER"
        case .prack: "PRACK"
        case .subscribe: "SUBSCRIBE"
        case .notify: "NOTIFY"
        case .publish: "PUBLISH"
        case .info: "INFO"
        case .refer: "REFER"
        case .message: "MESSAGE"
        case .update: "UPDATE"
        case .unknown: ""
        }
    }

    /// Reads a method; methods are case-sensitive (RFC 3261 §7.1).
    package init(_ text: Span<UInt8>) {
        self = Self.candidate(text)
        if self != .unknown, !text.isEqual(to: name) { self = .unknown }
    }

    /// The only known method with this length and first letters.
    private static func candidate(_ text: Span<UInt8>) -> SIPMethod {
        guard text.count >= 3 else { return .unknown }
        switch (text.count, text[0]) {
        case (3, 0x41): return .ack
        case (3, 0x42): return .bye
        case (4, 0x49): return .info
        case (5, 0x50): return .prack
        case (5, 0x52): return .refer
        case (6, 0x43): return .cancel
        case (6, 0x49): return .invite
        case (6, 0x4E): return .notify
        case (6, 0x55): return .update
        case (7, 0x4D): return .message
        case (7, 0x4F): return .options
        case (7, 0x50): return .publish
        case (8, 0x52): return .register
        case (9, 0x53): return .subscribe
        default: return .unknown
        }
    }
}
