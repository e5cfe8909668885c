/// Every bound of the SIP core, with the reason for it and what the peer gets beyond it.
package enum SIPLimits {
    /// The longest message on a stream: as long as the longest datagram, so that both transports
    /// carry the same calls.
    ///
    /// Beyond it: 513 (or 413 when it is the body), and the connection closes.
    static let messageBytes = 65_536

    /// Header fields of one message.
    ///
    /// Calls of large carriers have 20 to 40. Beyond it: 513.
    static let headerFields = 256

    /// One header field, folded lines included.
    ///
    /// Identity tokens (RFC 8224) reach 2 KiB. Beyond it: 513.
    static let headerLineBytes = 8_192

    /// Via values: no more hops than the usual first Max-Forwards allows (RFC 3261 §8.1.1.6).
    ///
    /// Beyond it: 483.
    static let viaValues = 70

    /// The Request-URI.
    ///
    /// Beyond it: 414.
    package static let uriBytes = 1_024

    /// Digits of Content-Length and CSeq: ten hold every 32-bit value.
    ///
    /// Beyond it: 400.
    static let numberDigits = 10

    /// RFC 3261 §8.1.1.5: a sequence number is less than 2³¹.
    static let sequenceNumber = 2_147_483_647

    /// Digits of a telephone number, prefixes included; E.164 itself has 15.
    ///
    /// Beyond it: not a number.
    package static let telephoneDigits = 32

    /// Entries of History-Info that are looked at: more forwardings than any network allows.
    static let historyEntries = 20

    /// Memory that a connection without an unfinished message may keep: ten thousand idle connections
    /// stay below 40 MB.
    static let idleConnectionBytes = 4_096

    /// The longest method that a stream may start with; a longer first word is not SIP.
    package static let methodBytes = 64
}
