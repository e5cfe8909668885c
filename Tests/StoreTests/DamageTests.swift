import Glibc
import Primitives
import Routing
import Store
import Testing

@Suite("Damage and sudden ends")
struct DamageTests {
    @Test(
        "one damaged octet anywhere is refused with a clear error, or what is read is still right"
    )
    func survivesDamagedFile() throws {
        let original = try TemporaryFolder()
        var contents = try Sample.directory()
        for line in 0..<300 {
            contents.numbers.append(
                NumberAssignment(
                    number: try Sample.number("+1212555\(1_000 + line)"),
                    organizationID: "acme",
                    inboundAgentID: "sales",
                    label: "Desk \(line)"
                )
            )
        }
        contents.numbers.sort { $0.number < $1.number }
        do {
            let store = try DirectoryStore(path: original.file("d.sqlite"), at: Sample.now)
            try store.apply(Sample.creating(contents), at: Sample.now)
            try store.database.copy(to: original.file("whole.sqlite"))
        }
        let whole = try original.bytes("whole.sqlite")
        var generator = SeededRandom(seed: 17)
        var refused = 0
        for _ in 0..<200 {
            let folder = try TemporaryFolder()
            var bytes = whole
            var place = 0
            // Most of a small file is empty, and nothing can be wrong there.
            repeat {
                place = Int.random(in: 0..<bytes.count, using: &generator)
            } while whole[place] == 0
            bytes[place] ^= UInt8.random(in: 1...255, using: &generator)
            try folder.write(bytes, to: "d.sqlite")
            do {
                let store = try DirectoryStore(path: folder.file("d.sqlite"), at: Sample.now)
                #expect(try store.load() == contents, "wrong after damage at \(place)")
            } catch let error as StoreError {
                refused += 1
                #expect(!error.description.isEmpty)
                #expect(
                    [.corrupt, .foreign, .cannotOpen, .schemaTooNew, .other, .inputOutput]
                        .contains(error.kind),
                    "\(error)"
                )
            }
        }
        #expect(refused > 50)
    }

    @Test("a file that is cut off is refused", arguments: [100, 4_096, 20_000, 60_001])
    func refusesTruncatedFile(length: Int) throws {
        let folder = try TemporaryFolder()
        do {
            let store = try DirectoryStore(path: folder.file("d.sqlite"), at: Sample.now)
            try store.apply(Sample.creating(try Sample.directory()), at: Sample.now)
            try store.database.copy(to: folder.file("whole.sqlite"))
        }
        let whole = try folder.bytes("whole.sqlite")
        try folder.write(Array(whole.prefix(length)), to: "cut.sqlite")
        let error = #expect(throws: StoreError.self) {
            let store = try DirectoryStore(path: folder.file("cut.sqlite"), at: Sample.now)
            try store.checkIntegrity()
        }
        #expect(error?.kind == .corrupt)
    }

    @Test("a row that was taken out behind the store's back is missed")
    func noticesMissingRows() throws {
        let folder = try TemporaryFolder()
        let store = try DirectoryStore(path: folder.file("d.sqlite"), at: Sample.now)
        try store.apply(Sample.creating(try Sample.directory()), at: Sample.now)
        try store.database.run("DELETE FROM numbers WHERE e164 = 442079460000")
        let error = #expect(throws: StoreError.self) { _ = try store.load() }
        #expect(error?.kind == .corrupt)
    }

    @Test("a target that was changed behind the store's back is not called")
    func noticesChangedRows() throws {
        let folder = try TemporaryFolder()
        let store = try DirectoryStore(path: folder.file("d.sqlite"), at: Sample.now)
        try store.apply(Sample.creating(try Sample.directory()), at: Sample.now)
        try store.database.run("UPDATE agent_targets SET uri = 'sip:thief@example.net'")
        let error = #expect(throws: StoreError.self) { _ = try store.load() }
        #expect(error?.kind == .corrupt)
        #expect(error?.message.contains("agents") == true)
    }

    @Test(
        "a process that is killed loses nothing that was acknowledged and leaves nothing half done"
    )
    func survivesKill() async throws {
        let folder = try TemporaryFolder()
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = folder.file("d.sqlite") as String] in
            let store = try DirectoryStore(path: path, at: Sample.now)
            var version = try store.apply(Sample.creating(try Sample.directory()), at: Sample.now)
            while version < 20 {
                let row = Organization(id: "acme", name: "acknowledged \(version + 1)")
                version = try store.apply(DirectoryChanges([.putOrganization(row)]), at: Sample.now)
            }
            // The end comes in the middle of a write.
            try store.database.writing {
                try store.database.run("UPDATE organizations SET name = 'half', checksum = 0")
                try store.database.run("DELETE FROM numbers")
                kill(getpid(), SIGKILL)
            }
        }
        let store = try DirectoryStore(
            path: folder.file("d.sqlite"),
            creating: false,
            at: Sample.now
        )
        #expect(try store.version() == 20)
        var expected = try Sample.directory()
        expected.organizations[0].name = "acknowledged 20"
        #expect(try store.load() == expected)
        try store.checkIntegrity()
    }
}
