extension JSONataError {
    /// The error in a sentence, for the person who wrote the expression.
    package var message: String {
        syntaxMessage ?? typeMessage ?? pictureMessage ?? functionMessage ?? limitMessage
            ?? "the expression cannot be evaluated"
    }

    private var syntaxMessage: String? {
        switch code {
        case .S0101: "a string has no closing quote"
        case .S0102: "the number \(quotedToken) is out of range"
        case .S0103: "there is no escape sequence \\\(token ?? "")"
        case .S0104: "\\u needs four hexadecimal digits"
        case .S0105: "a name in backquotes has no closing backquote"
        case .S0106: "a comment has no end"
        case .S0201, .S0205, .S0206: "\(quotedToken) does not belong here"
        case .S0202: "expected \(quotedValue) instead of \(quotedToken)"
        case .S0203: "expected \(quotedValue) before the end of the expression"
        case .S0204: "there is no operator \(quotedToken)"
        case .S0207: "the expression ends too early"
        case .S0208: "parameter \(quotedValue) of a function must be a variable, such as $x"
        case .S0209: "a filter cannot follow a grouping in the same step"
        case .S0210: "a step can be grouped only once"
        case .S0211: "\(quotedToken) cannot stand at the start of an expression"
        case .S0212: "only a variable, such as $x, can stand left of :="
        case .S0213: "a literal cannot be a step of a path"
        case .S0214: "a variable, such as $x, must follow \(quotedToken)"
        case .S0215: "@ must come before the filters of its step"
        case .S0216: "@ must come before the sorting of its step"
        case .S0217: "what % would be the parent of cannot be known here"
        case .S0301: "a regular expression is empty"
        case .S0302: "a regular expression has no closing slash"
        case .S0401: "only arrays and functions take a type in angle brackets"
        case .S0402: "a choice of types cannot hold types in angle brackets"
        default: nil
        }
    }

    private var typeMessage: String? {
        switch code {
        case .T0410: "argument \(argument ?? 1) of \(function) has the wrong type"
        case .T0411:
            "the context value has the wrong type for argument \(argument ?? 1) of \(function)"
        case .T0412: "argument \(argument ?? 1) of \(function) must be an array of one type"
        case .D1001: "a number is out of range: \(quotedValue)"
        case .D1002: "only a number can be negated, not \(quotedValue)"
        case .T1003: "a key of an object must be a string, not \(quotedValue)"
        case .D1004: "the regular expression matches the empty string"
        case .T1005: "\(function) is not a function here; did you mean $\(token ?? "")?"
        case .T1006: "\(function) is called but is not a function"
        case .T1007: "\(function) is not a function here; did you mean $\(token ?? "")?"
        case .T1008: "\(function) is partially applied but is not a function"
        case .D1009: "two expressions of an object yield the same key \(quotedValue)"
        case .T1010: "a matcher must yield an object with match, start, end, groups and next"
        case .T2001: "the left side of \(quotedToken) must be a number"
        case .T2002: "the right side of \(quotedToken) must be a number"
        case .T2003: "a range must start with a whole number"
        case .T2004: "a range must end with a whole number"
        case .T2006: "the right side of ~> must be a function"
        case .T2007: "strings and numbers cannot be sorted together"
        case .T2008: "only strings and numbers can be sorted"
        case .T2009: "the two sides of \(quotedToken) must both be numbers or both be strings"
        case .T2010: "\(quotedToken) compares only numbers and strings"
        case .T2011: "the update of a transform must be an object, not \(quotedValue)"
        case .T2012: "the deletions of a transform must be strings, not \(quotedValue)"
        case .T2013: "a transform needs $clone to be a function"
        case .D2014: "a range has more than ten million numbers: \(quotedValue)"
        default: nil
        }
    }

    private var pictureMessage: String? {
        switch code {
        case .D3080: "a number picture has at most two parts"
        case .D3081: "a part of a number picture has at most one decimal separator"
        case .D3082: "a part of a number picture has at most one percent sign"
        case .D3083: "a part of a number picture has at most one per-mille sign"
        case .D3084: "a part of a number picture has a percent or a per-mille sign, not both"
        case .D3085: "a part of a number picture needs a digit"
        case .D3086: "a number picture has a character between its digits that is no digit"
        case .D3087: "a grouping separator cannot stand beside the decimal separator"
        case .D3088: "the whole part of a number picture cannot end with a grouping separator"
        case .D3089: "two grouping separators cannot stand side by side"
        case .D3090: "an optional digit cannot follow a required one before the decimal separator"
        case .D3091: "a required digit cannot follow an optional one after the decimal separator"
        case .D3092: "a number picture has an exponent or a percent sign, not both"
        case .D3093: "the exponent of a number picture consists of digits only"
        case .D3130: "integers cannot be written as \(quotedValue)"
        case .D3131: "the digits of a picture must be of one script"
        case .D3132: "dates have no component \(quotedValue)"
        case .D3133: "component \(quotedValue) of a date has no name"
        case .D3134: "a time zone is written with one to four digits"
        case .D3135: "a component in a date picture has no closing bracket"
        case .D3136: "the picture leaves out parts of the date or time that are needed"
        default: nil
        }
    }

    private var functionMessage: String? {
        switch code {
        case .D3001: "an infinite number cannot be written as text"
        case .D3010: "the pattern of $replace is empty"
        case .D3011: "the limit of $replace must not be below zero"
        case .D3012: "the replacement function of $replace must yield a string"
        case .D3020: "the limit of $split must not be below zero"
        case .D3030: "\(quotedValue) cannot be read as a number"
        case .D3040: "the limit of $match must not be below zero"
        case .D3050: "the function of $reduce needs two parameters"
        case .D3060: "\(quotedValue) has no square root"
        case .D3061: "$power is out of range"
        case .D3070: "$sort without a function sorts only strings or only numbers"
        case .D3100: "a base is from 2 to 36, not \(quotedValue)"
        case .D3110: "\(quotedValue) is not an ISO 8601 time"
        case .D3120: "the argument of $eval does not parse"
        case .D3137, .D3141: value?.stringValue ?? ""
        case .D3138: "$single found more than one match"
        case .D3139: "$single found no match"
        case .D3140: "\(quotedValue) is malformed for \(function)"
        default: nil
        }
    }

    private var limitMessage: String? {
        switch code {
        case .U1001:
            "calls are nested too deeply; is there a recursion without an end?"
        case .U1002: "the expression takes too many operations"
        case .U1003: "the expression makes too large values"
        case .U1005: "the expression is too long or nested too deeply"
        case .U1006: "$eval is not available"
        case .U1007: "back references, lookahead and lookbehind are not available"
        case .U1008: "the regular expression is malformed or too large"
        default: nil
        }
    }

    private var quotedToken: String { "“\(token ?? "")”" }
    private var function: String { token.map { "“\($0)”" } ?? "a function" }

    private var quotedValue: String {
        guard let value else { return "nothing" }
        let text = value.stringValue ?? value.jsonText
        return "“\(text.unicodeScalars.count > 60 ? String(text.prefix(60)) + "…" : text)”"
    }
}
