import JSONata
import Primitives
import Testing

@Suite("JSON text")
struct JSONTests {
    @Test(
        "is written as it was read, in the order of the members",
        arguments: [
            "null", "true", "-0.5", "1e+21", "1e-7", "123456789012345680000", "5e-324",
            "1.7976931348623157e+308", "\"\"", #""a\"\\\n\u0001é👍""#, "[]", "{}",
            #"{"b":[1,{"a":null}],"a":{"":false}}"#,
        ]
    )
    func roundTrip(text: String) throws {
        #expect(try JSONValue.parse(text).jsonText == text)
    }

    @Test("white space is skipped, and pretty text indents by two")
    func pretty() throws {
        let value = try JSONValue.parse(" {\n\"a\" : [ 1 ,\t2 ], \"b\":{} }\r\n")
        var buffer = ByteBuffer()
        value.append(to: &buffer, isPretty: true)
        #expect(buffer.text == "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {}\n}")
    }

    @Test(
        "what is not JSON is refused, with the octet at fault",
        arguments: [
            ("", JSONParseError.Reason.unexpectedEnd, 0), ("[1,]", .unexpectedCharacter, 3),
            ("{\"a\":1,}", .unexpectedCharacter, 7), ("{a:1}", .unexpectedCharacter, 1),
            ("01", .trailingCharacters, 1), ("1.", .unexpectedEnd, 2),
            ("+1", .unexpectedCharacter, 0),
            ("1e400", .numberOutOfRange, 0), ("nul", .unexpectedEnd, 3),
            ("nulL", .unexpectedCharacter, 3), ("\"\\x\"", .invalidEscape, 1),
            ("\"\\u12g4\"", .invalidEscape, 1), ("\"a\nb\"", .controlCharacter, 2),
            ("\"abc", .unexpectedEnd, 4), ("[1] 2", .trailingCharacters, 4),
            ("'a'", .unexpectedCharacter, 0), ("NaN", .unexpectedCharacter, 0),
        ]
    )
    func refusals(text: String, reason: JSONParseError.Reason, offset: Int) {
        #expect(throws: JSONParseError(reason: reason, offset: offset)) {
            try JSONValue.parse(text)
        }
    }

    @Test("octets that are not UTF-8 are refused; half a surrogate pair becomes U+FFFD")
    func encodings() throws {
        let broken: [UInt8] = [0x22, 0xC3, 0x28, 0x22]
        #expect(throws: JSONParseError(reason: .invalidUTF8, offset: 3)) {
            try JSONValue.parse(broken.span)
        }
        #expect(try JSONValue.parse(#""\ud83d\udc4d \ud800x""#) == "👍 \u{FFFD}x")
    }

    @Test("depth and length are bounded")
    func limits() throws {
        let limits = JSONLimits(byteCountMax: 100, depthMax: 3)
        #expect(try JSONValue.parse("[[[1]]]", limits: limits).depth == 3)
        #expect(throws: JSONParseError(reason: .tooDeep, offset: 3)) {
            try JSONValue.parse("[[[[1]]]]", limits: limits)
        }
        #expect(throws: JSONParseError(reason: .tooLarge, offset: 100)) {
            try JSONValue.parse(String(repeating: " ", count: 101), limits: limits)
        }
        let hostile = String(repeating: "[", count: 100_000)
        #expect(throws: JSONParseError(reason: .tooDeep, offset: 250)) {
            try JSONValue.parse(hostile, limits: JSONLimits(depthMax: 1_000_000))
        }
    }

    @Test("of members with the same key the last wins, in the place of the first")
    func duplicates() throws {
        #expect(try JSONValue.parse(#"{"a":1,"b":2,"a":3}"#).jsonText == #"{"a":3,"b":2}"#)
    }

    @Test("an object with many members finds, replaces and removes each of them")
    func manyMembers() throws {
        var object = JSONObject()
        for number in 0..<1_000 { object["key\(number)"] = .number(Double(number)) }
        for number in stride(from: 0, to: 1_000, by: 2) { object["key\(number)"] = nil }
        object["key1"] = "one"
        #expect(object.count == 500)
        #expect(object["key1"] == "one")
        #expect(object["key998"] == nil)
        #expect(object["key999"] == 999)
        #expect(object.first?.key == "key1")
        #expect(object.keys.last == "key999")
    }

    @Test("keys that Unicode calls equivalent are different keys")
    func equivalentKeys() throws {
        let value = try JSONValue.parse("{\"\u{E9}\":1,\"e\u{301}\":2}")
        #expect(value["\u{E9}"] == 1)
        #expect(value["e\u{301}"] == 2)
    }

    @Test("members, elements and scalars are reached by subscripts and properties")
    func access() throws {
        let value = try JSONValue.parse(#"{"a":[1,"x",true,null],"n":3.5,"big":1e300}"#)
        #expect(value["a"]?[1]?.stringValue == "x")
        #expect(value["a"]?[9] == nil)
        #expect(value["a"]?[2]?.boolValue == true)
        #expect(value["a"]?[3]?.isNull == true)
        #expect(value["a"]?[0]?.integerValue == 1)
        #expect(value["n"]?.integerValue == nil)
        #expect(value["big"]?.integerValue == nil)
        #expect(value["missing"]?["deeper"] == nil)
    }
}
