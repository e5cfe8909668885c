import Doors
import HTTP
import Primitives
import Testing

extension TwilioWebhook {
    /// Reads a GET with this query.
    mutating func take(_ query: String) throws {
        let now = Instant(nanoseconds: 0)
        var connection = HTTPConnection(limits: HTTPLimits(), at: now)
        let bytes = Array("GET /?\(query) HTTP/1.1\r\nHost: gw.example.com\r\n\r\n".utf8)
        connection.receive(bytes.span, at: now)
        let date = HTTPDate(WallTime(seconds: 0))
        var step = connection.next(date: date)
        while step == .head { step = connection.next(date: date) }
        #expect(step == .request)
        let input = connection.input
        let isRead = read(connection.request, in: input.span)
        #expect(isRead)
    }
}
