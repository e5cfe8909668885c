/// The key of a row that belongs to an organization.
struct OwnedID: Hashable {
    let organization: String
    let id: String

    init(_ organization: String, _ id: String) {
        self.organization = organization
        self.id = id
    }
}

/// Which rows of a table are read, as the bounds of a range that an index serves.
enum RowKey {
    case all
    case one(OwnedID)

    /// The lowest organization and id, then the highest; in SQLite every blob comes after every text.
    var bounds: [SQLValue] {
        switch self {
        case .all: [.text(""), .text(""), .blob([]), .blob([])]
        case .one(let key):
            [.text(key.organization), .text(key.id), .text(key.organization), .text(key.id)]
        }
    }

    /// The lowest organization and the highest.
    var organizationBounds: [SQLValue] {
        switch self {
        case .all: [.text(""), .blob([])]
        case .one(let key): [.text(key.organization), .text(key.organization)]
        }
    }
}
