/// Reads a document as XML 1.0 §2.1 defines "well-formed", as far as TwiML goes, and no more leniently:
/// elements, attributes in double quotes, the five named entities and decimal character references.
struct StrictXML {
    struct Element: Equatable {
        var name: String
        var attributes: [String: String] = [:]
        var text = ""
        var children: [Element] = []

        /// The first element of that name below this one.
        func first(_ name: String) -> Element? {
            for child in children {
                if child.name == name { return child }
                if let found = child.first(name) { return found }
            }
            return nil
        }
    }

    struct Malformed: Error { var offset: Int }

    private let scalars: [Unicode.Scalar]
    private var index = 0

    /// The root of a document, or an error with the place of the first fault.
    static func read(_ bytes: [UInt8]) throws -> Element {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Malformed(offset: 0)
        }
        var reader = StrictXML(text)
        try reader.expect("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
        let root = try reader.element()
        guard reader.index == reader.scalars.count else { throw Malformed(offset: reader.index) }
        return root
    }

    private init(_ text: String) {
        scalars = Array(text.unicodeScalars)
    }

    private var next: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

    private mutating func expect(_ text: String) throws {
        for scalar in text.unicodeScalars {
            guard next == scalar else { throw Malformed(offset: index) }
            index += 1
        }
    }

    private mutating func element() throws -> Element {
        try expect("<")
        var element = Element(name: try name())
        while next == " " {
            index += 1
            let key = try name()
            try expect("=\"")
            // XML 1.0 §3.1: no attribute name may appear more than once in a tag.
            guard element.attributes[key] == nil else { throw Malformed(offset: index) }
            element.attributes[key] = try text(until: "\"")
            try expect("\"")
        }
        if next == "/" {
            try expect("/>")
            return element
        }
        try expect(">")
        while true {
            element.text += try text(until: "<")
            guard index + 1 < scalars.count else { throw Malformed(offset: index) }
            if scalars[index + 1] == "/" { break }
            element.children.append(try self.element())
        }
        try expect("</\(element.name)>")
        return element
    }

    private mutating func name() throws -> String {
        var name = ""
        while let scalar = next, scalar.properties.isAlphabetic || (!name.isEmpty && scalar == "-")
        {
            name.unicodeScalars.append(scalar)
            index += 1
        }
        guard !name.isEmpty else { throw Malformed(offset: index) }
        return name
    }

    private mutating func text(until end: Unicode.Scalar) throws -> String {
        var text = ""
        while let scalar = next, scalar != end {
            guard scalar != "<", Self.isCharacter(scalar) else { throw Malformed(offset: index) }
            index += 1
            text.unicodeScalars.append(scalar == "&" ? try reference() : scalar)
        }
        return text
    }

    private mutating func reference() throws -> Unicode.Scalar {
        var name = ""
        while let scalar = next, scalar != ";", name.count < 10 {
            name.unicodeScalars.append(scalar)
            index += 1
        }
        try expect(";")
        let known: [String: Unicode.Scalar] = [
            "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'",
        ]
        if let scalar = known[name] { return scalar }
        guard name.hasPrefix("#"), let value = UInt32(name.dropFirst()),
            let scalar = Unicode.Scalar(value), Self.isCharacter(scalar)
        else { throw Malformed(offset: index) }
        return scalar
    }

    /// XML 1.0 §2.2, production Char.
    private static func isCharacter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D, 0x20...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF: true
        default: false
        }
    }
}
