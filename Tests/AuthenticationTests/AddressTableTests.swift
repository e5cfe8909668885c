import Authentication
import Primitives
import Testing

@Suite("Whose networks hold an address")
struct AddressTableTests {
    private func table(_ entries: [(String, UInt32)]) throws -> AddressTable {
        AddressTable(
            entries: try entries.map { (prefix: try AddressPrefix($0.0), value: $0.1) }
        )
    }

    private func values(_ table: AddressTable, _ address: String) throws -> [UInt32]? {
        table.lookup(try #require(IPAddress(address))).map { table.values(at: $0) }
    }

    @Test("an address finds the entries of every network around it")
    func findsUnion() throws {
        let table = try table([
            ("203.0.113.0/24", 1), ("203.0.113.0/24", 2), ("203.0.113.9", 3), ("203.0.0.0/16", 4),
            ("203.0.113.9/32", 1), ("2001:db8::/32", 5), ("2001:db8::1", 6),
        ])
        #expect(try values(table, "203.0.113.9") == [1, 2, 3, 4])
        #expect(try values(table, "203.0.113.8") == [1, 2, 4])
        #expect(try values(table, "203.0.112.1") == [4])
        #expect(try values(table, "203.1.0.1") == nil)
        #expect(try values(table, "2001:db8::1") == [5, 6])
        #expect(try values(table, "2001:db8::2") == [5])
        #expect(try values(table, "2001:db9::2") == nil)
        #expect(table.groupCount == 5)
    }

    @Test("networks with the same entries share one group")
    func sharesGroups() throws {
        let table = try table((0..<200).map { ("198.51.100.\($0)", 7) })
        #expect(table.groupCount == 1)
        #expect(try values(table, "198.51.100.199") == [7])
        #expect(table.values(at: 1) == [])
        #expect(table.values(at: -1) == [])
    }

    @Test("an IPv4 peer on a dual-stack socket is the same peer; ::/0 holds no IPv4 address")
    func separatesFamilies() throws {
        let table = try table([("::/0", 6), ("10.0.0.0/8", 4)])
        #expect(try values(table, "::ffff:10.1.2.3") == [4])
        #expect(try values(table, "11.0.0.1") == nil)
        #expect(try values(table, "::1") == [6])
    }

    @Test("an empty table knows nobody")
    func isEmpty() throws {
        let table = AddressTable(entries: [])
        #expect(try values(table, "203.0.113.9") == nil)
        #expect(try values(table, "::") == nil)
    }

    @Test(
        "random tables agree with a search through all entries",
        arguments: 0..<20 as Range<UInt64>
    )
    func agreesWithSearch(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        // Few different octets, so that networks nest and addresses hit.
        func address() -> String {
            let octets = (0..<4).map { _ in [0, 1, 128, 255].randomElement(using: &random) ?? 0 }
            guard Bool.random(using: &random) else {
                return octets.map { "\($0)" }.joined(separator: ".")
            }
            return "2001:" + octets.map { String($0, radix: 16) }.joined(separator: ":") + "::"
        }
        var entries: [(prefix: AddressPrefix, value: UInt32)] = []
        while entries.count < 100 {
            let text = address()
            let maximum = text.contains(":") ? 128 : 32
            let length = Int.random(in: 0...maximum, using: &random)
            do throws(AddressPrefixError) {
                entries.append((try AddressPrefix("\(text)/\(length)"), UInt32(random.next() % 50)))
            } catch .hostBitsSet(let network) {
                entries.append((network, UInt32(random.next() % 50)))
            } catch {
                Issue.record("\(text)/\(length): \(error)")
            }
        }
        let table = AddressTable(entries: entries)
        for _ in 0..<500 {
            let address = try #require(IPAddress(address()))
            let expected = Set(entries.filter { $0.prefix.contains(address) }.map(\.value)).sorted()
            let found = table.lookup(address).map { table.values(at: $0) } ?? []
            #expect(found == expected)
        }
    }
}
