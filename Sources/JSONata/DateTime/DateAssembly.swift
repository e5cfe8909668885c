import Primitives

/// Makes a time from the components that a text had.
///
/// What is missing left of the first component that is there comes from now; what is missing right of the
/// last one is the start of the day, hour and so on; a gap between them is an error (D3136).
struct DateAssembly {
    let milliseconds: Double

    init(_ values: [Character: Int], now: DateFields) throws(JSONataError) {
        let given = Set(values.filter { $0.value != 0 }.keys)
        let date = given.intersection("YXMxWwdD")
        // Dates by week cannot be read; beside a year or month, a week says nothing more.
        if !date.isEmpty, date.isSubset(of: "Xxw") || date.isSubset(of: "XW") {
            throw JSONataError(.D3136)
        }
        let time = given.intersection("PHhmsf")
        let hasDayOfYear = date.contains("d") && date.isSubset(of: "Yd")
        let hasHalfDays = !time.isSubset(of: "Hmsf") && time.isSubset(of: "Phmsf")
        let order = (hasDayOfYear ? "Yd" : "YMD") + (hasHalfDays ? "Phmsf" : "Hmsf")

        var complete: [Character: Int] = [:]
        var hasStarted = false
        var hasEnded = false
        for letter in order {
            if let value = values[letter] {
                guard !hasEnded else { throw JSONataError(.D3136) }
                hasStarted = true
                complete[letter] = value
            } else if hasStarted {
                hasEnded = true
                complete[letter] = "MDd".contains(letter) ? 1 : 0
            } else {
                complete[letter] = now.value(letter)
            }
        }
        milliseconds = Self.milliseconds(
            complete,
            zone: values["Z"] ?? values["z"] ?? 0,
            hasHalfDays: hasHalfDays
        )
    }

    private static func milliseconds(
        _ values: [Character: Int],
        zone: Int,
        hasHalfDays: Bool
    ) -> Double {
        var year = values["Y"] ?? 1970
        // ECMA-262 §21.4.3.4, Date.UTC: two digits are of the twentieth century.
        if (0...99).contains(year) { year += 1_900 }
        let month = max(values["M"] ?? 1, 1) - 1
        let firstOfMonth = CivilDate.days(
            year: min(max(year + month / 12, -300_000), 300_000),
            month: month % 12 + 1,
            day: 1
        )
        let day = Double(firstOfMonth) + Double((values["d"] ?? values["D"] ?? 1) - 1)
        var hour = values["H"] ?? 0
        if hasHalfDays { hour = (values["h"] ?? 0) % 12 + (values["P"] == 1 ? 12 : 0) }
        let minutes = day * 1_440 + Double(hour * 60 + (values["m"] ?? 0) - zone)
        return minutes * 60_000 + Double((values["s"] ?? 0) * 1_000 + (values["f"] ?? 0))
    }
}
