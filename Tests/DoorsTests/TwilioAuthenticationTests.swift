import Authentication
import Doors
import Primitives
import Routing
import Testing

@Suite("Whose webhook it is")
struct TwilioAuthenticationTests {
    /// An entry of `AC1` for the credential of an organization.
    private func entry(
        _ organization: String,
        _ token: String,
        _ call: TwilioCall
    ) throws -> TwilioAccounts.Entry {
        let directory = try call.directory.snapshot()
        let owner = try #require(directory.organization(named: organization)).index
        let credential = try #require(directory.credential(named: "twilio", organization: owner))
        return TwilioAccounts.Entry(
            accountSID: "AC1",
            credential: credential.index,
            keys: TwilioCall.keys(token)
        )
    }

    @Test("a request that its account signed is authentic")
    func authentic() throws {
        let call = try TwilioCall()
        let entry = try entry("acme", "12345", call)
        #expect(try call.authenticate([entry]) == .authentic(credential: entry.credential))
    }

    @Test("the signature covers the URL and every parameter")
    func tampered() throws {
        let entry = try entry("acme", "12345", try TwilioCall())
        var other = try TwilioCall()
        other.token = "54321"
        #expect(try other.authenticate([entry]) == .forged(.mismatch))
    }

    @Test("an account that nobody has opens nothing")
    func unknownAccount() throws {
        var call = try TwilioCall()
        let entry = try entry("acme", "12345", call)
        call.parameters[0].1 = "AC2"
        #expect(try call.authenticate([entry]) == .forged(.noKey))
        #expect(try call.authenticate([]) == .forged(.noKey))
    }

    @Test("of organizations that share an account, the one that owns the number counts")
    func sharedAccount() throws {
        let call = try TwilioCall()
        let acme = try entry("acme", "12345", call)
        let other = try entry("other", "12345", call)
        for entries in [[acme, other], [other, acme]] {
            #expect(try call.authenticate(entries) == .authentic(credential: acme.credential))
        }
    }

    @Test("a key of one organization never opens the door of another")
    func foreignKey() throws {
        var call = try TwilioCall()
        let acme = try entry("acme", "12345", call)
        let other = try entry("other", "54321", call)
        call.token = "54321"
        #expect(try call.authenticate([acme, other]) == .authentic(credential: other.credential))
    }

    @Test("each of 5,000 accounts is found, whatever slots they share, and no other is")
    func accounts() {
        let entries = (0..<5_000).flatMap { number in
            (0...(number % 3)).map { copy in
                TwilioAccounts.Entry(
                    accountSID: "AC\(number)",
                    credential: UInt32(number * 10 + copy),
                    keys: TwilioCall.keys("k")
                )
            }
        }
        let accounts = TwilioAccounts(entries.shuffled())
        for number in 0..<5_000 {
            let name = Array("AC\(number)".utf8)
            let found = accounts.entries(of: name.span).map { accounts.entry($0).credential }
            let expected = (0...(number % 3)).map { UInt32(number * 10 + $0) }
            if found != expected { Issue.record("AC\(number): \(found)") }
        }
        for absent in ["", "AC", "AC5000", "ac1", "AC1 "] {
            let name = Array(absent.utf8)
            let found = accounts.entries(of: name.span)
            #expect(found.isEmpty)
        }
    }

    @Test("no accounts at all is an empty table")
    func noAccounts() {
        let name = Array("AC1".utf8)
        let found = TwilioAccounts([]).entries(of: name.span)
        #expect(found.isEmpty)
    }
}
