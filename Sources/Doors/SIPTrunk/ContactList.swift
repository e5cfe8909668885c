import Primitives
import Routing
import SIP

/// Writes the Contacts of a 302, and into their URIs what the agent is to know of the call.
///
/// Targets come first: only the room that they leave in the message is given to what goes along, call
/// id and agent id first, then metadata and context, each to the first Contact before the next.
struct ContactList {
    /// How many targets there are to offer, at most ten.
    private(set) var count = 0
    /// Their places in `targets`.
    private var places = InlineArray<10, UInt8>(repeating: 0)
    private let targets: [TargetEntry]
    private let carrier: IPAddress
    private let room: Int
    private let form: Form

    /// `room`: octets of the answer from its first one to the end of the Contacts.
    init(
        targets: [TargetEntry],
        order: TargetOrder,
        first: Int,
        requestURI: Span<UInt8>,
        carrier: IPAddress,
        room: Int,
        form: Form
    ) {
        self.targets = targets
        self.carrier = carrier
        self.room = room
        self.form = form
        var next = order.next(from: first)
        while let position = next, count < TargetOrder.countMax {
            next = order.next(from: position + 1)
            let target = targets[order[position]]
            // RFC 3261 §8.3: a redirect to the Request-URI itself would come back for ever.
            guard target.number != nil || !Self.isSame(target.uri.span, requestURI) else {
                continue
            }
            places[count] = UInt8(truncatingIfNeeded: order[position])
            count += 1
        }
    }

    /// How the parts stand in a URI.
    enum Form {
        /// `;x-trunkline-call=…` (RFC 3261 §19.1.1): what any follower copies into its Request-URI.
        case parameters
        /// `?X-Trunkline-Call=…` (RFC 3261 §19.1.5), for followers that make headers of them.
        case headers
    }

    /// Appends the Contacts to an answer that began at `start`; returns what was left out.
    func write(
        _ text: EnclosedText,
        from start: Int,
        into out: inout ByteBuffer
    ) -> Enclosure.Parts {
        let contacts = out.count
        let count = writePlain(from: start, into: &out)
        var room = room - (out.count - start)
        var plans = InlineArray<10, Enclosure.Parts>(repeating: .none)
        var leftOut = Enclosure.Parts.none
        for index in EnclosedText.order.indices {
            let part = EnclosedText.order[index]
            guard text.parts.contains(part) else { continue }
            for position in 0..<count {
                let target = target(position)
                let cost = self.cost(of: part, text, at: target, with: plans[position])
                if let cost, cost <= room {
                    room -= cost
                    plans[position].insert(part)
                } else if target.number == nil || part == .metadata || part == .context {
                    // The telephone network takes nothing along; only what a workflow said is missed.
                    leftOut.insert(part)
                }
            }
        }
        out.truncate(to: contacts)
        for position in 0..<count { append(position, plans[position], text, into: &out) }
        return leftOut
    }

    /// The Contacts without anything that goes along; returns how many there is room for.
    ///
    /// A fragmented datagram is a lost one for many carriers (RFC 3261 §18.1.1): better one target less.
    /// The first is always offered.
    @discardableResult
    func writePlain(from start: Int, into out: inout ByteBuffer) -> Int {
        for position in 0..<count {
            let end = out.count
            appendPlain(position, into: &out)
            if out.count - start > room, position > 0 {
                out.truncate(to: end)
                return position
            }
        }
        return count
    }

    private func target(_ position: Int) -> TargetEntry {
        targets[Int(places[position])]
    }

    /// The octets that a part takes at a target that has `others` already; nil where it cannot go.
    private func cost(
        of part: Enclosure.Parts,
        _ text: EnclosedText,
        at target: TargetEntry,
        with others: Enclosure.Parts
    ) -> Int? {
        guard target.number == nil, let uri = TargetURI(target.uri.span) else { return nil }
        let name = EnclosedText.headerName(of: part)
        let value = text.byteCount(of: part)
        // A separator and the equals sign stand with each.
        let cost = name.utf8CodeUnitCount + value + 2
        switch form {
        case .headers:
            guard value <= Self.headerBytesMax, !uri.hasHeader(name, in: target.uri.span) else {
                return nil
            }
        case .parameters:
            var length = target.uri.count + cost
            for index in EnclosedText.order.indices where others.contains(EnclosedText.order[index])
            {
                let other = EnclosedText.order[index]
                length += EnclosedText.headerName(of: other).utf8CodeUnitCount + 2
                length += text.byteCount(of: other)
            }
            guard length <= SIPLimits.uriBytes, !uri.hasParameter(name, in: target.uri.span) else {
                return nil
            }
        }
        return cost
    }

    private func append(
        _ position: Int,
        _ parts: Enclosure.Parts,
        _ text: EnclosedText,
        into out: inout ByteBuffer
    ) {
        let target = target(position)
        guard !parts.isEmpty, let uri = TargetURI(target.uri.span) else {
            return appendPlain(position, into: &out)
        }
        out.beginContact()
        append(target.uri.span, uri, parts, text, into: &out)
        out.endContact(preference: TargetOrder.qThousandths(at: position))
    }

    private func appendPlain(_ position: Int, into out: inout ByteBuffer) {
        let target = target(position)
        let preference = TargetOrder.qThousandths(at: position)
        guard let number = target.number else {
            return out.appendContact(target.uri.span, preference: preference)
        }
        out.beginContact()
        appendNumber(number, into: &out)
        out.endContact(preference: preference)
    }

    /// A number becomes a SIP URI at the address that the call came from: the carrier routes it.
    private func appendNumber(_ number: PhoneNumber, into out: inout ByteBuffer) {
        out.append("sip:")
        out.append(number)
        out.append(ASCII.at)
        out.appendHost(carrier)
        out.append(";user=phone")
    }

    private func append(
        _ target: Span<UInt8>,
        _ uri: TargetURI,
        _ parts: Enclosure.Parts,
        _ text: EnclosedText,
        into out: inout ByteBuffer
    ) {
        let question = form == .headers ? target.count : uri.question
        out.appendURI(target.extracting(0..<question))
        var isFirstHeader = uri.question == target.count
        for index in EnclosedText.order.indices {
            let part = EnclosedText.order[index]
            guard parts.contains(part) else { continue }
            if form == .headers {
                out.append(isFirstHeader ? ASCII.question : 0x26)
                out.append(EnclosedText.headerName(of: part))
            } else {
                out.append(ASCII.semicolon)
                out.appendLowercased(EnclosedText.headerName(of: part))
            }
            isFirstHeader = false
            out.append(ASCII.equals)
            text.append(part, to: &out)
        }
        out.appendURI(target.extracting(question..<target.count))
    }

    /// RFC 3261 §19.1.4, in short: only the user tells cases apart.
    ///
    /// Parameters in another order make another URI here, which at worst costs the carrier one try.
    private static func isSame(_ target: Span<UInt8>, _ requestURI: Span<UInt8>) -> Bool {
        guard target.count == requestURI.count else { return false }
        let at = target.firstIndex(of: ASCII.at) ?? 0
        let colon = target.firstIndex(of: ASCII.colon) ?? 0
        for index in target.indices where target[index] != requestURI[index] {
            let isUser = index > colon && index < at
            guard !isUser, ASCII.lowercased(target[index]) == ASCII.lowercased(requestURI[index])
            else { return false }
        }
        return true
    }

    /// As long as Twilio takes for all headers of a call; a longer line is cut or refused by many.
    private static let headerBytesMax = 1_024
}

/// Where the parameters and headers of a target's URI stand.
private struct TargetURI {
    private let parameters: ByteSlice
    /// The place of the question mark, or the end.
    let question: Int
    private let end: Int

    /// Nil for what is no SIP URI, or one that ends in its question mark.
    init?(_ text: Span<UInt8>) {
        guard let uri = SIPURI(ByteSlice(start: 0, count: text.count), in: text),
            uri.scheme == .sip || uri.scheme == .sips,
            !uri.headers.isEmpty || text[text.count - 1] != ASCII.question
        else { return nil }
        parameters = uri.parameters
        question = uri.headers.isEmpty ? text.count : uri.headers.lowerBound - 1
        end = text.count
    }

    /// RFC 3261 §19.1.1: no parameter may stand twice in a URI.
    func hasParameter(_ name: StaticString, in text: Span<UInt8>) -> Bool {
        Self.holds(name, text.bytes(parameters), separator: ASCII.semicolon)
    }

    func hasHeader(_ name: StaticString, in text: Span<UInt8>) -> Bool {
        Self.holds(name, text.extracting(min(question + 1, end)..<end), separator: 0x26)
    }

    private static func holds(
        _ name: StaticString,
        _ list: Span<UInt8>,
        separator: UInt8
    ) -> Bool {
        var start = 0
        while start < list.count {
            let end = list.firstIndex(of: separator, from: start) ?? list.count
            let pair = list.extracting(start..<end)
            let equals = pair.firstIndex(of: ASCII.equals) ?? pair.count
            if pair.extracting(0..<equals).isEqualIgnoringCase(to: name) { return true }
            start = end + 1
        }
        return false
    }
}

extension ByteBuffer {
    fileprivate mutating func appendLowercased(_ name: StaticString) {
        name.withUTF8Buffer { name in
            for index in name.indices { unsafe append(ASCII.lowercased(name[index])) }
        }
    }
}
