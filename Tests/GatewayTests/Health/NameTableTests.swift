import Gateway
import Primitives
import Testing
import Transport

@Suite("The addresses of names")
struct NameTableTests {
    private let start = Instant(nanoseconds: 0)
    private let one = IPAddress(ipv4: 0xC000_0201)
    private let two = IPAddress(ipv4: 0xC000_0202)

    private func text(_ lookup: NameTable.Lookup) -> String {
        switch lookup {
        case .address(let address): "\(address)"
        case .missing(let text): text
        }
    }

    @Test("a name is asked for once, and again a minute after it was asked for")
    func asking() {
        var names = NameTable()
        #expect(names.due(["a", "b", "a"], at: start) == ["a", "b"])
        #expect(names.due(["a", "c"], at: start + .seconds(61)) == ["c"], "a is still asked for")
        names.note("a", .addresses([one]))
        #expect(names.due(["a"], at: start + .seconds(59)) == [])
        #expect(names.due(["a"], at: start + .seconds(60)) == ["a"])
    }

    @Test("addresses are used in turn, and stay in use while nobody answers")
    func addresses() {
        var names = NameTable()
        #expect(text(names.address(of: .address(one), turn: 3)) == "192.0.2.1")
        #expect(text(names.address(of: .name("a"), turn: 0)) == "the name is not resolved yet")
        _ = names.due(["a"], at: start)
        #expect(text(names.address(of: .name("a"), turn: 0)) == "the name is not resolved yet")
        names.note("a", .none)
        #expect(text(names.address(of: .name("a"), turn: 0)) == "the name has no address")
        names.note("a", .failed)
        #expect(text(names.address(of: .name("a"), turn: 0)) == "the name server does not answer")
        names.note("a", .addresses([one, two]))
        #expect(
            (0..<4).map { text(names.address(of: .name("a"), turn: $0)) }
                == ["192.0.2.1", "192.0.2.2", "192.0.2.1", "192.0.2.2"]
        )
        names.note("a", .failed)
        names.note("a", .none)
        #expect(text(names.address(of: .name("a"), turn: 1)) == "192.0.2.2")
    }

    @Test("names that no target has are forgotten, and a late answer does not bring them back")
    func forgetting() {
        var names = NameTable()
        _ = names.due(["a", "b"], at: start)
        names.keep(only: ["b"])
        names.note("a", .addresses([one]))
        #expect(text(names.address(of: .name("a"), turn: 0)) == "the name is not resolved yet")
        #expect(names.due(["a", "b"], at: start) == ["a"])
    }
}
