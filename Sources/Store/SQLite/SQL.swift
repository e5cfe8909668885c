/// SQL that can only be made from literals of this source, so that no value can ever become SQL.
///
/// Values are bound; a query with optional conditions is put together from literal fragments.
package struct SQL: Sendable, ExpressibleByStringLiteral {
    package private(set) var text: String

    package init(stringLiteral literal: StaticString) {
        text = literal.description
    }

    package mutating func append(_ fragment: StaticString) {
        text += fragment.description
    }
}

/// A value on its way into a statement.
package enum SQLValue: Sendable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])

    package init(_ text: String) { self = .text(text) }
    package init(_ text: String?) { self = text.map { .text($0) } ?? .null }
    package init(_ number: Int) { self = .integer(Int64(number)) }
    package init(_ number: Int?) { self = number.map { .integer(Int64($0)) } ?? .null }
    package init(_ number: Int64?) { self = number.map { .integer($0) } ?? .null }
    package init(_ flag: Bool) { self = .integer(flag ? 1 : 0) }
}
