import Primitives

/// An agent as calls see it: its published versions, targets in the order of their priority.
package final class AgentEntry: Sendable {
    package let index: UInt32
    package let organization: UInt32
    package let id: String
    package let name: String
    package let isActive: Bool
    /// Published versions only, in ascending order of their numbers.
    package let versions: [VersionEntry]

    init(index: UInt32, organization: UInt32, agent: Agent, versions: [VersionEntry]) {
        self.index = index
        self.organization = organization
        id = agent.id
        name = agent.name
        isActive = agent.isActive
        self.versions = versions
    }

    /// The version that a call reaches, nil when it is not published; 0 is the latest.
    package func version(_ number: UInt32) -> VersionEntry? {
        guard number > 0 else { return versions.last }
        var index = versions.count - 1
        while index >= 0 {
            if versions[index].number == number { return versions[index] }
            index -= 1
        }
        return nil
    }
}

/// One published state of an agent.
package final class VersionEntry: Sendable {
    package let number: UInt32
    /// In ascending order of priority; within one priority as configured.
    package let targets: [TargetEntry]

    init(number: UInt32, targets: [TargetEntry]) {
        self.number = number
        self.targets = targets
    }
}

/// One place where an agent can be reached, ready to be written into an answer.
package struct TargetEntry: Hashable, Sendable {
    package let kind: TargetKind
    /// The URI as configured; no control octet, blank, quote or angle bracket is in it.
    package let uri: [UInt8]
    /// The number to dial, for `tel` and `number`.
    package let number: PhoneNumber?
    /// Lower is tried first.
    let priority: UInt16
    /// The share of calls within one priority.
    package let weight: UInt16
    /// The index of the URI among those that are probed; `noProbe` for a target that is not.
    package internal(set) var probe = Self.noProbe

    /// The index of a target of which nothing can be known.
    package static let noProbe = UInt32.max

    /// Nil when the URI has no scheme that we know, or an octet that could end it early.
    package init?(_ target: AgentTarget) {
        let bytes = Array(target.uri.utf8)
        guard let kind = TargetKind(uri: bytes.span), !bytes.contains(where: Self.isForbidden)
        else {
            return nil
        }
        self.kind = kind
        uri = bytes
        number = kind.number(in: bytes.span)
        if kind == .number, number == nil { return nil }
        priority = UInt16(clamping: target.priority)
        weight = UInt16(clamping: target.weight)
    }

    /// Whether calls may be sent there; see `TargetAddress`.
    func isUsable(allowsPrivate: Bool) -> Bool {
        TargetAddress.fault(in: uri.span, allowsPrivate: allowsPrivate) == nil
    }

    /// RFC 3986 §2: none of these is part of a URI, and each could end the header it stands in.
    private static func isForbidden(_ byte: UInt8) -> Bool {
        ASCII.isControl(byte) || byte >= 0x80 || byte == ASCII.space || byte == ASCII.quote
            || byte == ASCII.less || byte == ASCII.greater
    }
}

/// What a target is, by the scheme of its URI; a bare E.164 number is one too.
package enum TargetKind: Hashable, Sendable, CaseIterable {
    case sip, sips, tel, number, wss, https

    package init?(uri: Span<UInt8>) {
        if uri.count > 0, uri[0] == 0x2B {
            self = .number
            return
        }
        guard let colon = uri.firstIndex(of: ASCII.colon), colon + 1 < uri.count else { return nil }
        let scheme = uri.extracting(0..<colon)
        if scheme.isEqualIgnoringCase(to: "sip") {
            self = .sip
        } else if scheme.isEqualIgnoringCase(to: "sips") {
            self = .sips
        } else if scheme.isEqualIgnoringCase(to: "tel") {
            self = .tel
        } else if scheme.isEqualIgnoringCase(to: "wss") {
            self = .wss
        } else if scheme.isEqualIgnoringCase(to: "https") {
            self = .https
        } else {
            return nil
        }
    }

    /// The E.164 number in a `tel` URI (RFC 3966 §3), parameters cut off, or in a bare number.
    fileprivate func number(in uri: Span<UInt8>) -> PhoneNumber? {
        var start = 0
        switch self {
        case .number: break
        case .tel: start = 4
        case .sip, .sips, .wss, .https: return nil
        }
        let end = uri.firstIndex(of: ASCII.semicolon) ?? uri.count
        guard start < end, uri[start] == 0x2B,
            case .number(let number) = CompiledNumberPlan.international.read(
                uri.extracting(start..<end)
            )
        else { return nil }
        return number
    }
}
