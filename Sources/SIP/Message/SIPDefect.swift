import Primitives

/// What is wrong with a message: the first thing found, and so the reason that the peer is told.
package enum SIPDefect: UInt8, Error, Hashable, Sendable, BitwiseCopyable, CaseIterable {
    /// The first line is neither a request line nor a status line: nobody is there to answer.
    case notSIP
    case badStartLine
    case unsupportedVersion
    /// The message ended before the empty line after its header fields.
    case incompleteHeader
    /// A line that ends with CR or LF alone. RFC 3261 §7 demands both, and peers disagree on where
    /// such a line ends, which is how a header field gets past one of them.
    case bareLineBreak
    case controlCharacter
    case badHeaderName
    case headerLineTooLong
    case tooManyHeaders
    case tooManyVias
    case messageTooLarge
    case bodyTooLarge
    case uriTooLong
    case badContentLength
    case conflictingContentLength
    case truncatedBody
    case missingVia, badVia
    case missingFrom, badFrom, repeatedFrom
    case missingTo, badTo, repeatedTo
    case missingCallID, badCallID, repeatedCallID
    case missingCSeq, badCSeq, repeatedCSeq, mismatchedCSeq
    case badMaxForwards, repeatedMaxForwards
    case badRequestURI

    /// The answer to a request with this defect; the phrase names what the peer has to mend.
    package var status: SIPStatus {
        switch self {
        case .notSIP, .badStartLine: SIPStatus(400, "Bad Request Line")
        case .unsupportedVersion: .versionNotSupported
        case .incompleteHeader: SIPStatus(400, "Incomplete Header")
        case .bareLineBreak: SIPStatus(400, "Bare CR or LF in Header")
        case .controlCharacter: SIPStatus(400, "Control Character in Header")
        case .badHeaderName: SIPStatus(400, "Bad Header Name")
        case .headerLineTooLong: SIPStatus(513, "Header Line Too Long")
        case .tooManyHeaders: SIPStatus(513, "Too Many Header Fields")
        case .tooManyVias: .tooManyHops
        case .messageTooLarge: .messageTooLarge
        case .bodyTooLarge: .requestEntityTooLarge
        case .uriTooLong: .requestURITooLong
        case .badContentLength: SIPStatus(400, "Bad Content-Length")
        case .conflictingContentLength: SIPStatus(400, "Conflicting Content-Length")
        case .truncatedBody: SIPStatus(400, "Body Shorter than Content-Length")
        case .missingVia: SIPStatus(400, "Missing Via")
        case .badVia: SIPStatus(400, "Bad Via")
        case .missingFrom: SIPStatus(400, "Missing From")
        case .badFrom: SIPStatus(400, "Bad From")
        case .repeatedFrom: SIPStatus(400, "Repeated From")
        case .missingTo: SIPStatus(400, "Missing To")
        case .badTo: SIPStatus(400, "Bad To")
        case .repeatedTo: SIPStatus(400, "Repeated To")
        case .missingCallID: SIPStatus(400, "Missing Call-ID")
        case .badCallID: SIPStatus(400, "Bad Call-ID")
        case .repeatedCallID: SIPStatus(400, "Repeated Call-ID")
        case .missingCSeq: SIPStatus(400, "Missing CSeq")
        case .badCSeq: SIPStatus(400, "Bad CSeq")
        case .repeatedCSeq: SIPStatus(400, "Repeated CSeq")
        case .mismatchedCSeq: SIPStatus(400, "CSeq Method Differs from Request")
        case .badMaxForwards: SIPStatus(400, "Bad Max-Forwards")
        case .repeatedMaxForwards: SIPStatus(400, "Repeated Max-Forwards")
        case .badRequestURI: SIPStatus(400, "Bad Request-URI")
        }
    }
}
