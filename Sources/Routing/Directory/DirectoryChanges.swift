/// One row of the directory that is written or taken away.
package enum DirectoryChange: Equatable, Sendable {
    case putOrganization(Organization)
    case putAgent(Agent)
    case putTrunk(Trunk)
    case putCredential(Credential)
    case putRouting(InboundRouting)
    case putNumber(NumberAssignment)
    case deleteNumber(PhoneNumber)
    case deleteRouting(organizationID: String)
    case deleteCredential(organizationID: String, id: String)
    case deleteTrunk(organizationID: String, id: String)
    case deleteAgent(organizationID: String, id: String)
    case deleteOrganization(id: String)

    /// The place in an order in which what a row refers to is written before it and deleted after it.
    package var rank: Int {
        switch self {
        case .putOrganization: 0
        case .putAgent: 1
        case .putTrunk: 2
        case .putCredential: 3
        case .putRouting: 4
        case .putNumber: 5
        case .deleteNumber: 6
        case .deleteRouting: 7
        case .deleteCredential: 8
        case .deleteTrunk: 9
        case .deleteAgent: 10
        case .deleteOrganization: 11
        }
    }
}

/// What one write does to the directory: all of it, or nothing.
package struct DirectoryChanges: Equatable, Sendable {
    package var list: [DirectoryChange]

    package init(_ list: [DirectoryChange] = []) {
        self.list = list
    }
}
