import Primitives
import Routing

/// A call that somebody asks about: what its carrier would say of it.
package struct CallQuestion: Sendable {
    /// What is dialled, as the carrier would send it.
    package var to: String
    /// Who calls; empty for an anonymous caller.
    package var from = ""
    package var callerName = ""
    package var attestation = WorkflowInput.Attestation.none
    /// Header fields of the INVITE, or parameters of the webhook.
    package var headers: [Header] = []
    /// `TRUNK` or `ORGANIZATION/TRUNK`; nil: every trunk that could bring the call.
    package var trunk: String?
    package var doors = IncomingCall.Door.allCases
    package var time: WallTime
    /// What names the call; it draws among targets of equal priority and begins `$random()`.
    package var id: UInt64 = 0

    package init(to: String, at time: WallTime) {
        self.to = to
        self.time = time
    }

    package struct Header: Sendable, Equatable {
        package let name: String
        package let value: String

        /// Refuses what would end the line that it stands in, or belongs to the message itself.
        package init(name: String, value: String) throws(QuestionFault) {
            let isToken = name.utf8.allSatisfy {
                ASCII.isAlphanumeric($0) || "-_.~+".utf8.contains($0)
            }
            guard isToken, 1...64 ~= name.utf8.count else {
                throw QuestionFault("\(Wording.quoted(name)) is no name of a header; write X-Name")
            }
            guard !Self.own.contains(name.lowercased()) else {
                throw QuestionFault("\(name) is written by the explanation itself; leave it out")
            }
            guard value.utf8.count <= 2_048, !value.utf8.contains(where: ASCII.isControl) else {
                throw QuestionFault(
                    "the value of \(name) is longer than 2,048 octets or holds a control character"
                )
            }
            self.name = name
            self.value = value
        }

        /// `Name: value` or `Name=value`.
        package init(_ text: String) throws(QuestionFault) {
            guard let end = text.firstIndex(where: { $0 == ":" || $0 == "=" }) else {
                throw QuestionFault("\(Wording.quoted(text)) has no value; write 'X-Name: value'")
            }
            let value = text[text.index(after: end)...].drop { $0 == " " }
            try self.init(name: String(text[..<end]), value: String(value))
        }

        /// What makes an INVITE or a webhook a message at all, compact forms included (RFC 3261 §20).
        private static let own: Set<String> = [
            "via", "v", "from", "f", "to", "t", "call-id", "i", "cseq", "max-forwards",
            "content-length", "l", "content-type", "c", "accountsid", "callsid",
        ]
    }

    /// As many headers as a webhook has parameters.
    package static let headerCountMax = 64
    /// Longer than any number, name or URI that a carrier sends.
    package static let textByteCountMax = 256
}

/// What is wrong with a question, and what to write instead.
package struct QuestionFault: Error, CustomStringConvertible {
    package var description: String

    package init(_ description: String) {
        self.description = description
    }
}

extension CallQuestion {
    /// Refuses texts that no message could carry.
    package func check() throws(QuestionFault) {
        try Self.check(to, as: "to")
        try Self.check(from, as: "from")
        try Self.check(callerName, as: "caller_name")
        guard headers.count <= Self.headerCountMax else {
            throw QuestionFault("there are more than \(Self.headerCountMax) headers")
        }
    }

    /// Refuses a text of a call that no message could carry.
    static func check(_ text: String, as name: String) throws(QuestionFault) {
        guard text.utf8.count <= textByteCountMax else {
            throw QuestionFault("\(name) has more than \(textByteCountMax) octets")
        }
        guard !text.utf8.contains(where: ASCII.isControl) else {
            throw QuestionFault("\(name) holds a control character; remove it")
        }
    }

    /// The trunks that the question names, or all; nil where the directory has none.
    package func trunks(_ directory: DirectorySnapshot) throws(QuestionFault) -> TrunkGroup? {
        guard let name = trunk else { return TrunkGroup(directory.allTrunks) }
        let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
        let found = directory.allTrunks.filter { trunk in
            trunk.id == parts.last
                && (parts.count == 1
                    || directory.organization(trunk.organization)?.id == parts.first)
        }
        guard let group = TrunkGroup(found) else {
            let names = directory.allTrunks.map(\.id)
            let hint = Wording.suggestion(for: name, among: names).map { "; did you mean \($0)?" }
            throw QuestionFault("there is no trunk \(name)\(hint ?? "")")
        }
        return group
    }
}
