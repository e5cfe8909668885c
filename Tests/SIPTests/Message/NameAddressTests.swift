import Primitives
import SIP
import Testing

@Suite("addresses with names")
struct NameAddressTests {
    @Test(
        "names, URIs, parameters and tags",
        arguments: [
            (#"<sip:a@b>"#, "", "sip:a@b", ""),
            (#"<sip:a@b;x=1>;tag=t"#, "", "sip:a@b;x=1", "t"),
            (#"sip:a@b;tag=t"#, "", "sip:a@b", "t"),
            (#"tel:+1-555;tag=t"#, "", "tel:+1-555", "t"),
            (#"Alice Smith <sip:a@b> ; x ; TAG = t"#, "Alice Smith", "sip:a@b", "t"),
            (#""a > \" ; <b" <sip:a@b>;tag=t"#, #""a > \" ; <b""#, "sip:a@b", "t"),
            (#"""<sip:a@b>"#, #""""#, "sip:a@b", ""),
            (#"Bell, Alexander <sip:a@b>;tag=4"#, "Bell, Alexander", "sip:a@b", "4"),
            (#"< sip:a@b >;tag=4"#, "", "sip:a@b", "4"),
            (#"sip:a@b;x="<"# + "\";tag=4", "", "sip:a@b", "4"),
        ]
    )
    func good(_ text: String, _ name: String, _ uri: String, _ tag: String) throws {
        let piece = Piece(text)
        let address = try #require(piece.address)
        #expect(piece.text(address.displayName) == name)
        #expect(piece.text(address.uri) == uri)
        #expect(piece.text(address.tag) == tag)
    }

    @Test(
        "what is no address",
        arguments: [
            "", "<", "<>", "< >", "<sip:a@b", #""open <sip:a@b>"#, #""name" sip:a@b"#, "<sip:a@b>x",
            "<sip:a@b>;", "<sip:a@b>;;tag=1", "<sip:a@b>;tag=", "<sip:a@b>;tag", "sip:a@b>;tag=1",
            ";tag=1",
            "sip:a@b x",
            #"<sip:a@b>;x="open"#,
        ]
    )
    func bad(_ text: String) {
        #expect(Piece(text).address?.uri == nil)
    }

    @Test("parameters are found by name in any case, quotes taken off")
    func parameters() throws {
        let piece = Piece(#"<sip:a@b>;Reason="no; answer";counter=2;privacy"#)
        let address = try #require(piece.address)
        let reason = try #require(piece.parameter("reason", of: address))
        #expect(piece.text(reason.value) == "no; answer")
        #expect(piece.parameter("PRIVACY", of: address)?.value == .empty)
        #expect(piece.parameter("count", of: address) == nil)
    }
}
