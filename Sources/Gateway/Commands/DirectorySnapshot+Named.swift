import Routing

extension DirectorySnapshot {
    /// The organization that a command's `--organization` names; without the option the only one.
    ///
    /// `place` begins the sentence about a name that is not there: `the directory`, or a file.
    func organization(forOption id: String?, of place: String) throws -> OrganizationEntry {
        let all = allOrganizations
        if let id {
            guard let found = organization(named: id) else {
                let likely = Wording.suggestion(for: id, among: all.map(\.id))
                let hint = likely.map { "; did you mean \($0)?" } ?? ""
                throw CommandError("\(place) has no organization \(id)\(hint)")
            }
            return found
        }
        guard let only = all.first, all.count == 1 else {
            throw CommandError(
                "\(place) has \(all.count) organizations; say which with --organization "
                    + (all.first?.id ?? "ID")
            )
        }
        return only
    }
}
