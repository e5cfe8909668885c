import Primitives
import SIP
import Testing

@Suite("no input ends the process, and no way of reading it changes its meaning")
struct RobustnessTests {
    static let corpus =
        RFC4475.all + RFC5118.all + [
            TortureMessage("-", "plain INVITE", .route, plainInvite)
        ]

    /// Reads everything that can be read of a message.
    static func readAll(_ treatment: Treatment) -> Int {
        let span = treatment.bytes.span
        var work = treatment.response?.utf8.count ?? 0
        for field in treatment.message.fields {
            work += (NameAddress(field.value, in: span)?.hasTag ?? false) ? 1 : 2
            work += (try? Via(field.value, in: span))?.effectivePort == 5_060 ? 1 : 2
            work += SIPURI(field.value, in: span)?.hasUser == true ? 1 : 2
        }
        for id in [HeaderName.via, .contact, .require] {
            var values = treatment.message.values(of: id)
            while values.next(of: treatment.message, in: span) != nil { work += 1 }
        }
        guard let envelope = treatment.envelope else { return work }
        let caller = CallerIdentity(
            of: treatment.message,
            envelope: envelope,
            trustsAssertions: true,
            in: span
        )
        work += caller.number?.count ?? 0
        for source in [CalledNumberField.requestURI, .to, .calledPartyID, .diversion] {
            work +=
                CalledNumber(from: source, of: treatment.message, envelope: envelope, in: span)?
                .number?.count ?? 0
        }
        var diversions = Diversions(of: treatment.message, in: span)
        while diversions.next(of: treatment.message, in: span) != nil { work += 1 }
        let key = TransactionKey(
            of: treatment.message,
            envelope: envelope,
            in: span,
            key: Treatment.key
        )
        return work &+ Int(truncatingIfNeeded: key.first & 1)
    }

    @Test("every prefix of every message is read (incident 6)", arguments: corpus)
    func prefixes(_ torture: TortureMessage) {
        for end in 0..<torture.bytes.count {
            let treatment = Treatment(Array(torture.bytes.prefix(end)))
            _ = Self.readAll(treatment)
            // What a call would be routed by is there only when the head is complete.
            if treatment.outcome == .route { #expect(treatment.message.defect == nil) }
        }
    }

    @Test("a stream means the same whole, byte by byte and in any pieces", arguments: corpus)
    func pieces(_ torture: TortureMessage) {
        let twice = torture.bytes + wire("\n\n") + torture.bytes
        let whole = StreamRun(twice, piece: twice.count)
        for piece in [1, 2, 5, 13, 61] {
            let run = StreamRun(twice, piece: piece)
            #expect(run.treatments.map(\.bytes) == whole.treatments.map(\.bytes))
            #expect(run.treatments.map(\.outcome) == whole.treatments.map(\.outcome))
            #expect(run.isClosed == whole.isClosed)
            #expect(run.isNotSIP == whole.isNotSIP)
            #expect(run.pings == whole.pings)
        }
    }

    @Test("a message alone on a stream means what it means in a datagram", arguments: corpus)
    func sameInDatagram(_ torture: TortureMessage) {
        let datagram = Treatment(torture.bytes)
        guard let stream = StreamRun(torture.bytes, piece: 3).treatments.first else { return }
        #expect(stream.outcome == datagram.outcome)
        #expect(stream.message.method == datagram.message.method)
        #expect(stream.value(.callID) == datagram.value(.callID))
    }

    @Test("100,000 mutations are read as datagrams, and one in eight on streams", arguments: 0..<10)
    func mutations(_ seed: Int) {
        var dice = SeededRandom(seed: UInt64(seed) &* 977)
        for _ in 0..<10_000 {
            let bytes = mutated(Self.corpus[dice.roll(Self.corpus.count)].bytes, &dice)
            _ = Self.readAll(Treatment(bytes))
            guard dice.roll(8) == 0 else { continue }
            let whole = StreamRun(bytes, piece: bytes.count)
            let parts = StreamRun(bytes, piece: 1 + dice.roll(40))
            #expect(whole.treatments.map(\.outcome) == parts.treatments.map(\.outcome))
            #expect(whole.isClosed == parts.isClosed)
        }
    }

    private func mutated(_ original: [UInt8], _ dice: inout SeededRandom) -> [UInt8] {
        var bytes = original
        let marks: [UInt8] = [
            0, 9, 10, 13, 32, 34, 37, 44, 58, 59, 60, 61, 62, 64, 91, 92, 93, 127, 255,
        ]
        for _ in 0...dice.roll(4) {
            guard !bytes.isEmpty else { break }
            let at = dice.roll(bytes.count)
            switch dice.roll(6) {
            case 0: bytes[at] = UInt8(dice.roll(256))
            case 1: bytes[at] = marks[dice.roll(marks.count)]
            case 2: bytes.insert(marks[dice.roll(marks.count)], at: at)
            case 3: bytes.remove(at: at)
            case 4: bytes.removeSubrange(at..<min(bytes.count, at + dice.roll(30)))
            default:
                let end = min(bytes.count, at + dice.roll(60))
                bytes.insert(contentsOf: bytes[at..<end], at: dice.roll(bytes.count))
            }
        }
        return bytes
    }

    @Test(
        "64 KiB of any one octet, alone or in a field, is read in one pass",
        arguments: [
            0, 9, 10, 13, 32, 34, 37, 40, 44, 46, 47, 48, 58, 59, 60, 61, 62, 64, 65, 91, 92, 93,
            127, 255,
        ] as [UInt8]
    )
    func oneOctet(_ octet: UInt8) {
        let flood = Array(repeating: octet, count: 60_000)
        _ = Self.readAll(Treatment(flood))
        _ = StreamRun(flood, piece: 1_460)
        for name in ["Via: ", "From: ", "Contact: ", "Require: ", "Diversion: ", "X: ", ""] {
            let head = wire("INVITE sip:1@b SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\n\(name)")
            let bytes = head + flood + wire("\n\n")
            let treatment = Treatment(bytes)
            _ = Self.readAll(treatment)
            #expect(treatment.outcome != .route)
        }
    }
}
