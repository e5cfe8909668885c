import Authentication
import Primitives

/// Under which keys each Twilio account signs, and whose credentials those are.
///
/// Built with a snapshot and never changed. One account may serve several organizations, each with a
/// credential of its own; a key of one never opens the door of another.
package struct TwilioAccounts: Sendable {
    private var entries: [Entry] = []
    private var slots: [Int32] = [-1, -1]

    /// One credential: the account it is for, its index in the snapshot, and its keys.
    package struct Entry: Sendable {
        let accountSID: [UInt8]
        package let credential: UInt32
        package let keys: WebhookKeys

        package init(accountSID: String, credential: UInt32, keys: WebhookKeys) {
            self.accountSID = Array(accountSID.utf8)
            self.credential = credential
            self.keys = keys
        }

        fileprivate func home(in count: Int) -> Int {
            TwilioAccounts.home(accountSID.span, in: count)
        }
    }

    package init(_ entries: [Entry]) {
        // Entries of one account stand side by side, so that a walk from the first finds all.
        self.entries = entries.sorted {
            ($0.accountSID.lexicographicallyPrecedes($1.accountSID))
                || ($0.accountSID == $1.accountSID && $0.credential < $1.credential)
        }
        var count = 2
        while count < self.entries.count * 2 { count *= 2 }
        slots = Array(repeating: -1, count: count)
        for (index, entry) in self.entries.enumerated()
        where index == 0 || self.entries[index - 1].accountSID != entry.accountSID {
            var slot = entry.home(in: count)
            while slots[slot] >= 0 { slot = (slot + 1) & (count - 1) }
            slots[slot] = Int32(truncatingIfNeeded: index)
        }
    }

    /// The entries of an account, in `entry(_:)`'s indices; empty for one that nobody has.
    package func entries(of accountSID: Span<UInt8>) -> Range<Int> {
        var slot = Self.home(accountSID, in: slots.count)
        // At least half of the slots are free, so that the walk ends.
        while slots[slot] >= 0 {
            let first = Int(slots[slot])
            let candidate = entries[first].accountSID
            if candidate.span.isEqual(to: accountSID) {
                var end = first + 1
                while end < entries.count, entries[end].accountSID == candidate {
                    end += 1
                }
                return first..<end
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        return 0..<0
    }

    package func entry(_ index: Int) -> Entry { entries[index] }

    /// The keys of the accounts are the operator's, so that a plain hash does; a peer's text only ends
    /// in a free slot sooner or later.
    fileprivate static func home(_ text: Span<UInt8>, in count: Int) -> Int {
        var hash = SipHash(key: SipHash.Key(0x5472_756E, 0x6B6C_696E))
        hash.combine(text)
        return Int(truncatingIfNeeded: hash.finalize() >> 8) & (count - 1)
    }
}
