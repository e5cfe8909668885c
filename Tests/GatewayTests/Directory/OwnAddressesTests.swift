import Gateway
import Primitives
import Routing
import Testing

@Suite("targets that lead back to the gateway")
struct OwnAddressesTests {
    private func own(
        _ listeners: [String] = ["192.0.2.1:5060", "[2001:db8::1]:5070"],
        publicURL: String = "https://gw.example.com/base"
    ) throws -> OwnAddresses {
        var configuration = Configuration()
        configuration.publicURL = publicURL
        configuration.listeners = try listeners.map {
            Configuration.Listener(transport: .sipUDP, address: try #require(IPEndpoint($0)))
        }
        return OwnAddresses(configuration)
    }

    @Test(
        "a target at one of our addresses is known in every spelling",
        arguments: [
            "sip:192.0.2.1", "sip:a@192.0.2.1:5060;transport=tcp", "SIP:a@[2001:DB8:0::1]:5070",
            "sip:+14155550100@gw.example.com", "sip:a@GW.Example.com:5070",
            "sips:a@192.0.2.1:5060", "https://gw.example.com/base/telephony/inbound/twilio",
            "HTTPS://GW.example.com:443/base/telephony/inbound/twilio?x=1",
        ]
    )
    func ours(_ target: String) throws {
        #expect(try own().contain(target))
    }

    @Test(
        "another host or port is somebody else",
        arguments: [
            "sip:a@192.0.2.2", "sip:a@192.0.2.1:5061", "sips:a@192.0.2.1",
            "sip:a@192.0.2.1;transport=tls", "sip:a@gw.example.com:5080",
            "sip:a@agents.gw.example.com", "tel:+14155550100", "+14155550100",
            "https://gw.example.com/agents/1", "https://gw.example.com:8443/base/telephony/x",
            "wss://gw.example.com/base/telephony/x", "https://www.gw.example.com/base/telephony/x",
        ]
    )
    func others(_ target: String) throws {
        #expect(try !own().contain(target))
    }

    @Test("a listener on all addresses is known by the public name")
    func wildcard() throws {
        let own = try own(["0.0.0.0:5060"])
        #expect(own.contain("sip:a@gw.example.com"))
        #expect(!own.contain("sip:a@192.0.2.1"))
        #expect(try !self.own(["0.0.0.0:5060"], publicURL: "").contain("sip:a@gw.example.com"))
    }

    @Test("such a target is refused where it stands, and the file changes nothing")
    func refused() throws {
        let problems = Problems(file: "d.json5")
        let text = """
            { organizations: [{ id: "acme", name: "Acme",
              agents: [{ id: "sales", targets: ["sip:sales@192.0.2.1"] }] }] }
            """
        let contents = DirectoryFile.read(
            Array(text.utf8),
            problems: problems,
            own: try own()
        ) { _, _ in SealedSecret([]) }
        #expect(contents == nil)
        #expect(problems.lines.count == 1)
        #expect(problems.lines.first?.contains("d.json5:2") == true)
        #expect(problems.lines.first?.contains("the gateway itself") == true)
    }
}
