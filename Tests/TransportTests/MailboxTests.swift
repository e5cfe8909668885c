import Primitives
import Testing
import Transport

@Suite("Mailboxes")
struct MailboxTests {
    @Test("a message from another thread wakes the poller of the owner")
    func wakes() throws {
        let mailbox = try Mailbox<Int>()
        try Threads.start("sender") { mailbox.send(7) }
        #expect(try becomesReady(mailbox.descriptor))
        #expect(mailbox.takeAll() == [7])
    }

    @Test("all that was sent comes out once, the oldest first")
    func order() throws {
        let mailbox = try Mailbox<Int>()
        for number in 0..<1_000 { mailbox.send(number) }
        #expect(mailbox.takeAll() == Array(0..<1_000))
        #expect(mailbox.takeAll().isEmpty)
    }

    @Test("an emptied mailbox wakes its owner again")
    func wakesAgain() throws {
        let mailbox = try Mailbox<Int>()
        for number in 0..<10 {
            mailbox.send(number)
            #expect(try becomesReady(mailbox.descriptor))
            #expect(mailbox.takeAll() == [number])
        }
    }

    @Test("no message of four threads is lost")
    func manySenders() throws {
        let mailbox = try Mailbox<Int>()
        for sender in 0..<4 {
            try Threads.start("sender") {
                for number in 0..<10_000 { mailbox.send(sender * 10_000 + number) }
            }
        }
        var taken: [Int] = []
        while taken.count < 40_000, try becomesReady(mailbox.descriptor) {
            taken += mailbox.takeAll()
        }
        #expect(taken.sorted() == Array(0..<40_000))
    }

    @Test("a poller that waits for nothing comes back at its deadline")
    func deadline() throws {
        let poller = try Poller()
        let now = Clock.now()
        #expect(try poller.wait(until: now, now: now) == 0)
    }
}
