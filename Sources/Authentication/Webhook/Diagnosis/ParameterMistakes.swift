import Primitives

/// The ways in which the parameters that were signed differ, in practice, from those that arrived.
enum ParameterMistakes {
    private typealias Parameter = SignatureQuestion.Parameter

    static func variants(
        of parameters: [SignatureQuestion.Parameter],
        query: String
    ) -> [Variant<String>] {
        let given = joinedText(parameters)
        var variants = [Variant(nil, given)]
        func add(_ condition: String, _ text: String) {
            if text != given { variants.append(Variant(condition, text)) }
        }
        addValues(of: parameters, add)
        addAbsences(of: parameters, add)
        addOrders(of: parameters, add)
        addDuplicates(of: parameters, add)
        add(
            "the parameters of the query were signed once more, as a form",
            joinedText(parameters + pairs(of: query))
        )
        add(
            "only the parameters of the query were signed, as a form",
            joinedText(pairs(of: query))
        )
        return variants
    }

    private typealias Add = (String, String) -> Void

    private static func addValues(of parameters: [Parameter], _ add: Add) {
        func each(_ change: (String) -> String) -> String {
            joinedText(
                parameters.map { Parameter(name: $0.name, value: change($0.value)) }
            )
        }
        add("the white space around the values were removed", each(\.trimmed))
        add(
            "a space at the start of a value were '+' (the form was decoded twice)",
            each { $0.hasPrefix(" ") ? "+" + $0.dropFirst() : $0 }
        )
        add("spaces in the values were '+'", each { PercentText.replaced($0, " ", "+") })
        add("'+' in the values were a space", each { PercentText.replaced($0, "+", " ") })
        add("the values were percent-decoded", each(PercentText.decoded))
        add(
            "the values were decoded, '+' as a space",
            each { PercentText.decoded(PercentText.replaced($0, "+", " ")) }
        )
        add("the values were percent-encoded", each { $0.percentEncoded() })
        add(
            "the names were in lower case",
            joinedText(
                parameters.map { Parameter(name: $0.name.lowercased(), value: $0.value) }
            )
        )
    }

    private static func addAbsences(of parameters: [Parameter], _ add: Add) {
        if !parameters.isEmpty { add("no parameters were signed, as for a GET", "") }
        add(
            "the empty parameters were left out",
            joinedText(parameters.filter { !$0.value.isEmpty })
        )
        for index in parameters.indices.prefix(leftOutCountMax) {
            var rest = parameters
            let name = rest.remove(at: index).name
            add("the parameter \(name) were left out", joinedText(rest))
        }
        // Frameworks drop empty values; Twilio sends and signs these places empty when unknown.
        var all = parameters
        for party in ["From", "To", "Caller", "Called"] {
            let names = ["City", "State", "Zip", "Country"].map { party + $0 }
            let missing = names.filter { name in !parameters.contains { $0.name == name } }
            let empty = missing.map { Parameter(name: $0, value: "") }
            all += empty
            for parameter in empty {
                add(
                    "\(parameter.name) were there with an empty value",
                    joinedText(parameters + [parameter])
                )
            }
            let list = missing.joined(separator: ", ")
            add("\(list) were there with empty values", joinedText(parameters + empty))
        }
        add("the cities, states, zips and countries were there with empty values", joinedText(all))
    }

    private static func addOrders(of parameters: [Parameter], _ add: Add) {
        func glued(_ parameters: [Parameter]) -> String {
            parameters.map { $0.name + $0.value }.joined()
        }
        add("the parameters were not sorted", glued(parameters))
        add(
            "the parameters were sorted without regard to case",
            glued(parameters.sorted { $0.name.lowercased() < $1.name.lowercased() })
        )
        add(
            "names and values were sorted glued together, as Twilio's library for Go does",
            parameters.map { $0.name + $0.value }
                .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.joined()
        )
        let sorted = parameters.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        add(
            "'=' and '&' stood between the parameters (nothing does)",
            sorted.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
        )
        add(
            "the form were signed as it stands in the body (it is decoded and sorted)",
            parameters.map { "\($0.name)=\($0.value.percentEncoded())" }
                .joined(separator: "&")
        )
    }

    private static func addDuplicates(of parameters: [Parameter], _ add: Add) {
        var values: [String: [String]] = [:]
        for parameter in parameters { values[parameter.name, default: []].append(parameter.value) }
        guard values.count < parameters.count else { return }
        func each(_ change: ([String]) -> String) -> String {
            joinedText(values.map { Parameter(name: $0.key, value: change($0.value)) })
        }
        add("of a name that comes twice the first value counted", each { $0.first ?? "" })
        add("of a name that comes twice the last value counted", each { $0.last ?? "" })
        add(
            "the values of a name that comes twice were joined with commas",
            each { $0.joined(separator: ",") }
        )
        add("the values of a name that comes twice were joined", each { $0.joined() })
        add(
            "equal pairs counted twice, as in Twilio's library for Ruby",
            parameters.sorted {
                $0.name == $1.name
                    ? $0.value.utf8.lexicographicallyPrecedes($1.value.utf8)
                    : $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
            }.map { $0.name + $0.value }.joined()
        )
    }

    private static func pairs(of query: String) -> [Parameter] {
        query.dropFirst().split(separator: "&").map { pair in
            let halves = pair.split(separator: "=", maxSplits: 1).map {
                PercentText.decoded(PercentText.replaced(String($0), "+", " "))
            }
            return Parameter(name: halves.first ?? "", value: halves.count > 1 ? halves[1] : "")
        }
    }

    /// More parameters than any webhook has; it bounds the number of combinations.
    private static let leftOutCountMax = 60
}

/// What may have been signed after the URL when the body is no form; nothing should be.
enum BodyMistakes {
    static func variants(of body: [UInt8]) -> [Variant<String>] {
        [
            Variant(nil, ""),
            Variant(
                "the body were signed after the URL (its hash in the query stands for it)",
                String(decoding: body, as: UTF8.self)
            ),
        ]
    }
}
