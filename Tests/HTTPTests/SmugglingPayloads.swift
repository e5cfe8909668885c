import Testing

/// A stream that another server in the chain could read differently, and the one right answer.
struct SmugglingPayload: Sendable, CustomTestStringConvertible {
    var name: String
    var wire: String
    var status: Int

    init(_ name: String, _ status: Int, _ wire: String) {
        self.name = name
        self.status = status
        self.wire = wire
    }

    var testDescription: String { name }
}

private let host = "Host: gw.example.com\r\n"
private let post = "POST /a HTTP/1.1\r\n" + host
private let chunked = post + "Transfer-Encoding: chunked\r\n\r\n"

let smugglingPayloads: [SmugglingPayload] = [
    // Two lengths, or one that is no number (RFC 9112 §6.3).
    .init(
        "CL and TE",
        400,
        post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
    .init(
        "TE and CL",
        400,
        post + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n"
    ),
    .init(
        "CL 0 and TE",
        400,
        post + "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
    .init("two different CL", 400, post + "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde"),
    .init("two equal CL", 400, post + "Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd"),
    .init("two CL in two cases", 400, post + "content-length: 4\r\nCONTENT-LENGTH: 4\r\n\r\nabcd"),
    .init("list of equal CL", 400, post + "Content-Length: 4, 4\r\n\r\nabcd"),
    .init("list of CL", 400, post + "Content-Length: 4,5\r\n\r\nabcd"),
    .init("plus sign", 400, post + "Content-Length: +4\r\n\r\nabcd"),
    .init("minus sign", 400, post + "Content-Length: -4\r\n\r\nabcd"),
    .init("minus zero", 400, post + "Content-Length: -0\r\n\r\n"),
    .init("hexadecimal CL", 400, post + "Content-Length: 0x4\r\n\r\nabcd"),
    .init("fraction", 400, post + "Content-Length: 4.0\r\n\r\nabcd"),
    .init("exponent", 400, post + "Content-Length: 4e0\r\n\r\nabcd"),
    .init("space inside CL", 400, post + "Content-Length: 1 2\r\n\r\nabcd"),
    .init("quoted CL", 400, post + "Content-Length: \"4\"\r\n\r\nabcd"),
    .init("empty CL", 400, post + "Content-Length:\r\n\r\nabcd"),
    .init("CL of spaces", 400, post + "Content-Length:    \r\n\r\nabcd"),
    .init("CL with a semicolon", 400, post + "Content-Length: 4;x\r\n\r\nabcd"),
    .init("CL with an underscore", 400, post + "Content-Length: 1_0\r\n\r\nabcd"),
    .init("CL in Arabic digits", 400, post + "Content-Length: ٤\r\n\r\nabcd"),
    .init("CL beyond 64 bits", 413, post + "Content-Length: 18446744073709551620\r\n\r\nabcd"),
    .init("CL of 2^32 + 4", 413, post + "Content-Length: 4294967300\r\n\r\nabcd"),
    .init(
        "CL of 40 digits",
        413,
        post + "Content-Length: " + String(repeating: "9", count: 40) + "\r\n\r\n"
    ),
    .init(
        "CL and TE in HTTP/1.0",
        400,
        "POST /a HTTP/1.0\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ),

    // Transfer codings (RFC 9112 §6.1).
    .init("TE in HTTP/1.0", 400, "POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    .init(
        "TE twice",
        400,
        post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
    .init(
        "TE identity, then chunked",
        400,
        post + "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
    .init(
        "chunked, then TE identity",
        400,
        post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"
    ),
    .init("TE identity", 400, post + "Transfer-Encoding: identity\r\n\r\n"),
    .init("TE gzip", 400, post + "Transfer-Encoding: gzip\r\n\r\n"),
    .init("TE xchunked", 400, post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
    .init("TE chunkedx", 400, post + "Transfer-Encoding: chunkedx\r\n\r\n0\r\n\r\n"),
    .init("TE quoted", 400, post + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n"),
    .init("TE empty", 400, post + "Transfer-Encoding:\r\n\r\n0\r\n\r\n"),
    .init("TE with a parameter", 400, post + "Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n"),
    .init("TE chunked, gzip", 400, post + "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n"),
    .init(
        "TE chunked, chunked",
        400,
        post + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"
    ),
    .init("TE chunked and a comma", 400, post + "Transfer-Encoding: chunked,\r\n\r\n0\r\n\r\n"),
    .init("TE gzip, chunked", 501, post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    .init("TE a comma, chunked", 501, post + "Transfer-Encoding: , chunked\r\n\r\n0\r\n\r\n"),
    .init(
        "vertical tab before chunked",
        400,
        post + "Transfer-Encoding: \u{0B}chunked\r\n\r\n0\r\n\r\n"
    ),
    .init(
        "form feed after chunked",
        400,
        post + "Transfer-Encoding: chunked\u{0C}\r\n\r\n0\r\n\r\n"
    ),
    .init(
        "no-break space before chunked",
        400,
        post + "Transfer-Encoding:\u{A0}chunked\r\n\r\n0\r\n\r\n"
    ),

    // Field lines (RFC 9112 §5).
    .init("space before the colon of CL", 400, post + "Content-Length : 4\r\n\r\nabcd"),
    .init(
        "tab before the colon of TE",
        400,
        post + "Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n"
    ),
    .init(
        "40 spaces before a colon",
        400,
        post + "X" + String(repeating: " ", count: 40) + ": y\r\n\r\n"
    ),
    .init("space before a name", 400, "GET / HTTP/1.1\r\n Host: gw.example.com\r\n\r\n"),
    .init("folded value", 400, post + "X-A: b\r\n c\r\nContent-Length: 0\r\n\r\n"),
    .init("folded by a tab", 400, post + "Transfer-Encoding:\r\n\tchunked\r\n\r\n0\r\n\r\n"),
    .init("empty name", 400, post + ": chunked\r\nContent-Length: 0\r\n\r\n"),
    .init("line without colon", 400, post + "Content-Length\r\n\r\n"),
    .init("slash in a name", 400, post + "Content/Length: 4\r\n\r\nabcd"),
    .init("octet above 0x7F in a name", 400, post + "Content-Léngth: 4\r\n\r\nabcd"),
    .init("NUL in a name", 400, post + "Content-Length\0: 4\r\n\r\nabcd"),
    .init("NUL in a value", 400, post + "X-A: b\0c\r\n\r\n"),
    .init("DEL in a value", 400, post + "X-A: b\u{7F}c\r\n\r\n"),
    .init("escape in a value", 400, post + "X-A: \u{1B}[31m\r\n\r\n"),
    .init("backspace in a value", 400, post + "X-A: b\u{08}c\r\n\r\n"),

    // Line ends (RFC 9112 §2.2).
    .init("bare LF after the request line", 400, "GET / HTTP/1.1\nHost: gw.example.com\r\n\r\n"),
    .init("bare LF after a field", 400, "GET / HTTP/1.1\r\nHost: gw.example.com\n\r\n"),
    .init("bare LF for the empty line", 400, "GET / HTTP/1.1\r\nHost: gw.example.com\r\n\n"),
    .init("bare LF before a field", 400, post + "X-A: b\nContent-Length: 4\r\n\r\nabcd"),
    .init("bare CR in a value", 400, post + "X-A: b\rTransfer-Encoding: chunked\r\n\r\n"),
    .init("bare CR in the request line", 400, "GET /\r HTTP/1.1\r\nHost: gw.example.com\r\n\r\n"),
    .init("CR CR LF", 400, "GET / HTTP/1.1\r\r\nHost: gw.example.com\r\n\r\n"),
    .init("bare CR for the empty line", 400, "GET / HTTP/1.1\r\nHost: gw.example.com\r\n\rX"),
    .init("two empty lines in front", 400, "\r\n\r\n" + get("/")),
    .init("bare LF in front", 400, "\n" + get("/")),
    .init("space in front", 400, " " + get("/")),

    // Request line and target (RFC 9112 §3).
    .init("two spaces before the target", 400, "GET  / HTTP/1.1\r\n" + host + "\r\n"),
    .init("two spaces before the version", 400, "GET /  HTTP/1.1\r\n" + host + "\r\n"),
    .init("space after the version", 400, "GET / HTTP/1.1 \r\n" + host + "\r\n"),
    .init("tab as a separator", 400, "GET\t/ HTTP/1.1\r\n" + host + "\r\n"),
    .init("space in the target", 400, "GET /a b HTTP/1.1\r\n" + host + "\r\n"),
    .init("HTTP/0.9", 400, "GET /\r\n"),
    .init("no target", 400, "GET HTTP/1.1\r\n" + host + "\r\n"),
    .init("version in lower case", 400, "GET / http/1.1\r\n" + host + "\r\n"),
    .init("version with two digits", 400, "GET / HTTP/1.10\r\n" + host + "\r\n"),
    .init("version with a leading zero", 400, "GET / HTTP/01.1\r\n" + host + "\r\n"),
    .init("version without a dot", 400, "GET / HTTP/11\r\n" + host + "\r\n"),
    .init("another protocol", 400, "GET / ICAP/1.0\r\n" + host + "\r\n"),
    .init("HTTP/1.2", 505, "GET / HTTP/1.2\r\n" + host + "\r\n"),
    .init("HTTP/2.0", 505, "GET / HTTP/2.0\r\n" + host + "\r\n"),
    .init("preface of HTTP/2", 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    .init("HTTP/0.9 with a version", 505, "GET / HTTP/0.9\r\n" + host + "\r\n"),
    .init("method with a separator", 400, "GE(T / HTTP/1.1\r\n" + host + "\r\n"),
    .init("target without a slash", 400, "GET a HTTP/1.1\r\n" + host + "\r\n"),
    .init("fragment", 400, "GET /a#b HTTP/1.1\r\n" + host + "\r\n"),
    .init("raw UTF-8 in the target", 400, "GET /é HTTP/1.1\r\n" + host + "\r\n"),
    .init("asterisk for GET", 400, "GET * HTTP/1.1\r\n" + host + "\r\n"),
    .init("authority for GET", 400, "GET gw.example.com:80 HTTP/1.1\r\n" + host + "\r\n"),
    .init("other scheme", 400, "GET ftp://gw.example.com/ HTTP/1.1\r\n" + host + "\r\n"),
    .init("user in the target", 400, "GET http://a@gw.example.com/ HTTP/1.1\r\n" + host + "\r\n"),
    .init("empty authority", 400, "GET http:///a HTTP/1.1\r\n" + host + "\r\n"),
    .init("CONNECT", 501, "CONNECT gw.example.com:443 HTTP/1.1\r\n" + host + "\r\n"),

    // Host (RFC 9112 §3.2).
    .init("no Host", 400, "GET / HTTP/1.1\r\n\r\n"),
    .init("two Hosts", 400, "GET / HTTP/1.1\r\n" + host + "Host: other.example.com\r\n\r\n"),
    .init("two equal Hosts", 400, "GET / HTTP/1.1\r\n" + host + host + "\r\n"),
    .init("empty Host", 400, "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
    .init("path in Host", 400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
    .init("user in Host", 400, "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"),
    .init("list of Hosts", 400, "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"),
    .init("markup in Host", 400, "GET / HTTP/1.1\r\nHost: a\"><b>\r\n\r\n"),
    .init("letters for a port", 400, "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n"),
    .init("port beyond 65535", 400, "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n"),
    .init("two ports", 400, "GET / HTTP/1.1\r\nHost: a:1:2\r\n\r\n"),
    .init("open bracket in Host", 400, "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"),
    .init("no address in brackets", 400, "GET / HTTP/1.1\r\nHost: [x]\r\n\r\n"),
    .init("bad escape in Host", 400, "GET / HTTP/1.1\r\nHost: a%4\r\n\r\n"),

    // Chunks (RFC 9112 §7.1).
    .init("no size", 400, chunked + "\r\nabc\r\n0\r\n\r\n"),
    .init("size with 0x", 400, chunked + "0x3\r\nabc\r\n0\r\n\r\n"),
    .init("size with a sign", 400, chunked + "+3\r\nabc\r\n0\r\n\r\n"),
    .init("negative size", 400, chunked + "-1\r\nabc\r\n0\r\n\r\n"),
    .init("size beyond 64 bits", 400, chunked + "10000000000000003\r\nabc\r\n0\r\n\r\n"),
    .init("size beyond the limit", 413, chunked + "FFFFFFFFFFFFFFF\r\nabc\r\n0\r\n\r\n"),
    .init("size of another alphabet", 400, chunked + "3g\r\nabc\r\n0\r\n\r\n"),
    .init("space before a size", 400, chunked + " 3\r\nabc\r\n0\r\n\r\n"),
    .init("space after a size", 400, chunked + "3 \r\nabc\r\n0\r\n\r\n"),
    .init("extension without a name", 400, chunked + "3;\r\nabc\r\n0\r\n\r\n"),
    .init("bare LF after a size", 400, chunked + "3\nabc\r\n0\r\n\r\n"),
    .init("bare CR after a size", 400, chunked + "3\rabc\r\n0\r\n\r\n"),
    .init("bare LF in an extension", 400, chunked + "3;a\nb\r\nabc\r\n0\r\n\r\n"),
    .init("chunk longer than its size", 400, chunked + "3\r\nabcd\r\n0\r\n\r\n"),
    .init("chunk shorter than its size", 400, chunked + "5\r\nabc\r\n0\r\n\r\n"),
    .init("bare LF after a chunk", 400, chunked + "3\r\nabc\n0\r\n\r\n"),
    .init("bare LF at the end", 400, chunked + "3\r\nabc\r\n0\r\n\n"),
    .init("trailer without colon", 400, chunked + "0\r\nabc\r\n\r\n"),
    .init("space before a trailer's colon", 400, chunked + "0\r\nX : y\r\n\r\n"),
    .init("folded trailer", 400, chunked + "0\r\nX: y\r\n z\r\n\r\n"),
    .init("NUL in a trailer", 400, chunked + "0\r\nX: \0\r\n\r\n"),
]
