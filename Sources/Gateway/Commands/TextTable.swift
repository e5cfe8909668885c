/// Rows under headings for people: each column as wide as its widest cell, the last as it is.
struct TextTable {
    private var rows: [[String]]

    init(_ headings: String...) {
        rows = [headings]
    }

    /// Cells in the order of the headings; what a terminal could take for a command is escaped.
    mutating func append(_ cells: String...) {
        rows.append(cells.map(Terminal.printable))
    }

    var text: String {
        let columns = rows[0].indices
        let widths = columns.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { cells in
            columns.map { column in
                let isLast = column == columns.last
                let padding = isLast ? 0 : widths[column] - cells[column].count
                return cells[column] + String(repeating: " ", count: padding)
            }.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}
