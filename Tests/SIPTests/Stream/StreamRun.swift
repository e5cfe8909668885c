import Primitives
import SIP

/// Feeds bytes to a framer in pieces, as a connection would bring them, and keeps what it finds.
struct StreamRun {
    var treatments: [Treatment] = []
    var pings = 0
    var isClosed = false
    /// Whether the framer took the peer for one that does not speak SIP.
    var isNotSIP = false
    var mostPending = 0

    init(_ bytes: [UInt8], piece: Int) {
        var framer = SIPStreamFramer()
        var message = SIPMessage()
        var index = 0
        while index < bytes.count, !isClosed {
            let end = min(index + max(piece, 1), bytes.count)
            framer.append(bytes.span.extracting(index..<end))
            index = end
            read(&framer, &message)
            mostPending = max(mostPending, framer.pendingBytes)
        }
    }

    private mutating func read(_ framer: inout SIPStreamFramer, _ message: inout SIPMessage) {
        while true {
            switch framer.next(into: &message) {
            case .needMore: return
            case .ping: pings += 1
            case .message(let range):
                treatments.append(treatment(framer, range, message))
            case .lastMessage(let range):
                treatments.append(treatment(framer, range, message))
                isClosed = true
            case .notSIP:
                isClosed = true
                isNotSIP = true
            }
        }
    }

    private func treatment(
        _ framer: SIPStreamFramer,
        _ range: Range<Int>,
        _ message: SIPMessage
    ) -> Treatment {
        Treatment(framer.withBytes(of: range) { $0.array }, parsed: message)
    }
}
