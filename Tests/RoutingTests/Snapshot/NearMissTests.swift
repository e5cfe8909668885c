import Primitives
import Routing
import Testing

@Suite("Near misses")
struct NearMissTests {
    /// What is suggested for a text on a trunk of `country`, when these numbers are configured.
    private func misses(
        _ dialled: String,
        country: String?,
        configured: [String],
        organization: String = "acme"
    ) throws -> [NearMiss] {
        var contents = DirectoryContents()
        contents.organizations = [
            Organization(id: "acme", name: ""), Organization(id: "other", name: ""),
        ]
        contents.trunks = [
            Trunk(
                organizationID: organization,
                id: "t",
                name: "",
                inbound: InboundTrunk(defaultCountry: country)
            )
        ]
        contents.numbers = try configured.map {
            NumberAssignment(number: try #require(PhoneNumber($0)), organizationID: "acme")
        }
        let snapshot = try DirectorySnapshot(contents)
        let owner = try #require(snapshot.organization(named: organization))
        let text = Array(dialled.utf8)
        return snapshot.nearMisses(
            dialled: text.span,
            trunk: snapshot.allTrunks.first,
            organizations: [owner.index]
        )
    }

    private func misses(
        _ dialled: String,
        country: String?,
        of number: String
    ) throws
        -> [NearMiss.Difference]
    {
        try misses(dialled, country: country, configured: [number, "+819012345678"])
            .filter { $0.configured == PhoneNumber(number) }.map(\.difference)
    }

    @Test("a national form on a trunk without a default country suggests the country")
    func noCountry() throws {
        let found = try misses("4155550100", country: nil, configured: ["+14155550100"])
        #expect(found.map(\.difference) == [.noDefaultCountry(suggested: "US")])
        #expect(
            found.first?.sentence(dialled: "4155550100")
                == "+14155550100 is configured; this call said 4155550100 and the trunk has no "
                + "default country (US would fit)"
        )
        #expect(
            try misses("02079460000", country: nil, of: "+442079460000")
                == [.noDefaultCountry(suggested: "GB")]
        )
    }

    @Test("a national form of another country suggests that country")
    func otherCountry() throws {
        #expect(
            try misses("02079460000", country: "FR", of: "+442079460000")
                == [.otherCountry(suggested: "GB")]
        )
    }

    @Test(
        "one digit too few, too many, or two swapped",
        arguments: [
            ("+1415555010", NearMiss.Difference.digitMissing),
            ("+141555550100", .digitTooMuch),
            ("+14155505100", .neighboursSwapped),
        ]
    )
    func edits(dialled: String, difference: NearMiss.Difference) throws {
        #expect(try misses(dialled, country: "US", of: "+14155550100") == [difference])
    }

    @Test("a national prefix after the country code, too much or missing")
    func prefixes() throws {
        #expect(
            try misses("+4402079460000", country: nil, of: "+442079460000").first
                == .nationalPrefixTooMuch
        )
        #expect(
            try misses("+442079460000", country: nil, of: "+4402079460000").first
                == .nationalPrefixMissing
        )
    }

    @Test("numbers of another organization are never shown")
    func tenants() throws {
        #expect(
            try misses(
                "4155550100",
                country: nil,
                configured: ["+14155550100"],
                organization: "other"
            ).isEmpty
        )
    }

    @Test("what is far from every number, or no number, suggests nothing")
    func nothing() throws {
        for dialled in ["+33123456789", "sales", "", "+", "0", "112"] {
            #expect(try misses(dialled, country: "US", configured: ["+14155550100"]).isEmpty)
        }
    }

    @Test("no more are shown than asked for")
    func limit() throws {
        let configured = (0..<10).map { "+1415555010\($0)" }
        let found = try misses("+1415555010", country: "US", configured: configured)
        #expect(found.count == 3)
    }
}
