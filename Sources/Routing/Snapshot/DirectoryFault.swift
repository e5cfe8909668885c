/// Why a row cannot become part of a directory; the row is at fault, the rest is untouched.
package enum DirectoryFault: Error, Hashable, Sendable {
    /// Two rows of one kind have the same id.
    case duplicate(Kind, id: String)
    /// Two rows have the same number.
    case duplicateNumber(PhoneNumber)
    /// A row names an organization that does not exist.
    case unknownOrganization(String, by: Kind, id: String)
    /// A row names an agent, trunk or credential that its organization does not have.
    case unknown(Kind, id: String, by: Kind, referrer: String)
    /// A trunk's `default_country` is not in the table of countries.
    case unknownCountry(String, trunk: String)
    /// A target's URI has no scheme that a call could leave by, or an octet that no URI has.
    case unreadableTarget(String, agent: String)
    /// The number has fewer than seven digits, which no call is read as.
    case unreachableNumber(PhoneNumber)

    package enum Kind: String, Hashable, Sendable {
        case organization, agent, trunk, credential, routing, number
    }
}
