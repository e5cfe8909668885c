import Routing

/// Where the targets of an organization may lead, those of its agents and those that its workflow names.
package struct TargetRules {
    /// Whether one of the organization's trunks reaches private addresses.
    let allowsPrivate: Bool
    /// A target there would bring each call back.
    let own: OwnAddresses

    init(allowsPrivate: Bool, own: OwnAddresses) {
        self.allowsPrivate = allowsPrivate
        self.own = own
    }

    init(trunks: some Sequence<Trunk>, own: OwnAddresses) {
        self.init(
            allowsPrivate: trunks.contains { $0.inbound.allowsPrivateTargets },
            own: own
        )
    }

    /// Why no call may be sent to a target, and what to write instead; nil when calls may.
    func objection(to uri: String) -> String? {
        if let fault = TargetAddress.fault(in: uri, allowsPrivate: allowsPrivate) {
            return "\(fault)"
        }
        guard own.contain(uri) else { return nil }
        return "this is the gateway itself: the call would come back for ever; write the agent's "
            + "own address"
    }
}
