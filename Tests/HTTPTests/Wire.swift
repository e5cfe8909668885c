import HTTP
import Primitives

/// How a stream is cut into reads.
enum Cutting: CaseIterable, Sendable {
    case whole, lines, octets

    func pieces(of wire: [UInt8]) -> [[UInt8]] {
        switch self {
        case .whole: [wire]
        case .octets: wire.map { [$0] }
        case .lines:
            wire.split(separator: 0x0A, omittingEmptySubsequences: false)
                .enumerated()
                .map { index, piece in index == 0 ? Array(piece) : [0x0A] + piece }
                .filter { !$0.isEmpty }
        }
    }
}

/// A connection with a peer and an application around it, on simulated time.
struct Wire {
    var connection: HTTPConnection
    var now = Instant(nanoseconds: 0)
    /// All octets that the peer was sent.
    var received = ""
    /// `METHOD target body` of each request that the application saw.
    var served: [String] = []
    /// The last word of the machine.
    var last = HTTPConnection.Step.wait
    var steps = 0
    /// Whether requests are left unanswered.
    var suspends = false
    var rule: HTTPBodyRule?
    /// The answer to everything.
    var response = HTTPResponse()
    let date = HTTPDate(WallTime(seconds: 1_795_244_709))

    init(limits: HTTPLimits = HTTPLimits()) {
        connection = HTTPConnection(limits: limits, at: now)
        response.reset(.ok, contentType: "text/plain")
        response.body.append("hello")
    }

    /// The status codes of the answers, interim ones included.
    var statuses: [Int] {
        received.split(separator: "HTTP/1.1 ", omittingEmptySubsequences: true)
            .compactMap { Int($0.prefix(3)) }
    }

    /// The status codes without `100 Continue`, which depends on how the stream is cut.
    var finalStatuses: [Int] { statuses.filter { $0 != 100 } }

    var isClosed: Bool { last == .close }

    mutating func send(_ text: String, _ cutting: Cutting = .whole) {
        send(Array(text.utf8), cutting)
    }

    mutating func send(_ wire: [UInt8], _ cutting: Cutting = .whole) {
        for piece in cutting.pieces(of: wire) {
            connection.receive(piece.span, at: now)
            settle()
        }
    }

    mutating func endInput() {
        connection.handle(.peerClosed, at: now)
        settle()
    }

    mutating func pass(_ interval: Interval) {
        now = now + interval
        connection.advance(to: now)
        settle()
    }

    mutating func answer() {
        connection.respond(response, date: date, at: now)
        settle()
    }

    /// Does what the machine asks until it waits.
    mutating func settle(sending: Bool = true) {
        while true {
            steps += 1
            last = connection.next(date: date)
            switch last {
            case .head:
                if let rule { connection.admit(rule) }
            case .request:
                note()
                if suspends { return }
                connection.respond(response, date: date, at: now)
            case .wait:
                guard sending, !connection.pendingOutput.isEmpty else { return }
                collect()
            case .shutdown: continue
            case .close: return
            }
        }
    }

    /// The peer reads all that waits.
    private mutating func collect() {
        let output = connection.output
        let pending = output.span.extracting(connection.pendingOutput)
        received += pending.text
        connection.handle(.sent(pending.count), at: now)
    }

    private mutating func note() {
        let input = connection.input
        let text = input.span
        let request = connection.request
        served.append(
            "\(text.text(request.methodName)) \(text.text(request.target))"
                + (request.body.isEmpty ? "" : " \(text.text(request.body))")
        )
    }

    /// The text of a slice of the current request.
    func text(_ slice: ByteSlice) -> String {
        let input = connection.input
        return input.span.text(slice)
    }
}

/// A request with Host, to be followed by others.
func get(_ target: String, _ fields: String = "") -> String {
    "GET \(target) HTTP/1.1\r\nHost: gw.example.com\r\n\(fields)\r\n"
}

/// Numbers that look random and are the same in every run (xorshift64*).
struct SeededNumbers {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_F491_4F6C_DD1D
    }

    mutating func next(below bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
