import Authentication
import Testing

@Suite("Why a signature does not match")
struct SignatureDiagnosisTests {
    private typealias Parameter = SignatureQuestion.Parameter

    static let url = "https://gw.example.com/voice?name=Ann%20Lee&x=a+b"
    static let parameters = [
        SignatureQuestion.Parameter(name: "From", value: "+14155550100"),
        SignatureQuestion.Parameter(name: "To", value: "+14155550199"),
        SignatureQuestion.Parameter(name: "CallerName", value: " Ann Lee "),
        SignatureQuestion.Parameter(name: "FromCity", value: ""),
    ]

    /// What was really signed, while the question holds `url` and `parameters`.
    private func conclusion(
        url: String = SignatureDiagnosisTests.url,
        parameters: [SignatureQuestion.Parameter] = SignatureDiagnosisTests.parameters,
        key: String = "12345",
        isSHA256: Bool = false,
        spelled: (String) -> String = { $0 }
    ) throws -> String {
        let signature = ReferenceSignature.sign(
            url: url,
            parameters: parameters.map { ($0.name, $0.value) },
            key: key,
            isSHA256: isSHA256
        )
        let question = SignatureQuestion(
            url: Self.url,
            key: Secret("12345"),
            parameters: Self.parameters,
            signature: spelled(signature)
        )
        return try SignatureDiagnosis(question).conclusion.description
    }

    @Test(
        "a mistake in the URL is named",
        arguments: [
            ("http://gw.example.com/voice?name=Ann%20Lee&x=a+b", "the URL started with http://"),
            ("https://gw.example.com/voice/?name=Ann%20Lee&x=a+b", "the path ended with '/'"),
            (
                "https://gw.example.com:8443/voice?name=Ann%20Lee&x=a+b",
                "the URL named the port 8443"
            ),
            ("https://gw.example.com/voice", "the URL had no query"),
            ("https://gw.example.com/voice?name=Ann Lee&x=a+b", "the query were percent-decoded"),
            (
                "https://gw.example.com/voice?name=Ann Lee&x=a b",
                "the query were decoded, '+' as a space"
            ),
            (
                "https://gw.example.com/voice?name=Ann+Lee&x=a+b",
                "spaces in the query were '+' instead of '%20'"
            ),
            (
                "https://gw.example.com/voice?name=Ann%20Lee&x=a%20b",
                "spaces in the query were '%20' instead of '+'"
            ),
            ("https://gw.example.com/VOICE?name=Ann%20Lee&x=a+b", nil),
            (
                "https://www.gw.example.com/voice?name=Ann%20Lee&x=a+b",
                "the host started with 'www.'"
            ),
        ]
    )
    func namesURL(signed: String, condition: String?) throws {
        let text = try conclusion(url: signed)
        if let condition {
            #expect(text == "The signature would match if \(condition).")
        } else {
            #expect(text.hasPrefix("None of "))
        }
    }

    /// A change of the parameters before they were signed, and the condition that names it.
    static let changes:
        [(@Sendable (inout [SignatureQuestion.Parameter]) -> Void, condition: String)] = [
            ({ $0[2].value = "Ann Lee" }, "the white space around the values were removed"),
            ({ $0.remove(at: 3) }, "the empty parameters were left out"),
            ({ $0.remove(at: 2) }, "the parameter CallerName were left out"),
            ({ $0 = [] }, "no parameters were signed, as for a GET"),
            (
                {
                    $0[0].value = " 14155550100"; $0[1].value = " 14155550199"
                },
                "'+' in the values were a space"
            ),
            (
                { $0.append(.init(name: "ToState", value: "")) },
                "ToState were there with an empty value"
            ),
            (
                {
                    $0 += ["ToCity", "ToState", "ToZip", "ToCountry"].map {
                        .init(name: $0, value: "")
                    }
                },
                "ToCity, ToState, ToZip, ToCountry were there with empty values"
            ),
            (
                { $0 += [.init(name: "name", value: "Ann Lee"), .init(name: "x", value: "a b")] },
                "the parameters of the query were signed once more, as a form"
            ),
        ]

    @Test("a mistake in the parameters is named", arguments: changes.indices)
    func namesParameters(index: Int) throws {
        var parameters = Self.parameters
        Self.changes[index].0(&parameters)
        let condition = Self.changes[index].condition
        #expect(
            try conclusion(parameters: parameters) == "The signature would match if \(condition)."
        )
    }

    @Test("a mistake in the algorithm or the spelling of the signature is named")
    func namesSpelling() throws {
        let start = "The signature would match if "
        #expect(try conclusion(isSHA256: true) == start + "the algorithm were HMAC_SHA256.")
        #expect(
            try conclusion(spelled: { " \($0)\n" })
                == start + "the white space around the signature were removed."
        )
        #expect(
            try conclusion(spelled: { "\"\($0)\"" })
                == start + "the quotes around the signature were removed."
        )
        #expect(
            try conclusion(spelled: { String($0.dropLast()) })
                == start + "the signature ended with its '=' padding."
        )
        #expect(
            try conclusion(spelled: { _ in "abc" })
                == start + "it were a signature: Base64 of 20 octets, or of 32 for HMAC_SHA256."
        )
    }

    @Test("a signature in the alphabet for URLs is recognized")
    func namesAlphabet() throws {
        let url = "https://mycompany.com/myapp.php?foo=1&bar=2"
        let question = SignatureQuestion(
            url: url,
            key: Secret("12345"),
            parameters: WebhookVectorTests.parameters.map { Parameter(name: $0.0, value: $0.1) },
            signature: "RSOYDt4T1cUTdK1PDd93_VVr8B8"
        )
        #expect(
            try SignatureDiagnosis(question).conclusion.description
                == "The signature would match if the signature used '+' and '/' instead of "
                + "'-' and '_' (Base64, not base64url)."
        )
    }

    @Test("two mistakes at once are both named")
    func namesTwo() throws {
        #expect(
            try conclusion(
                url: "http://gw.example.com/voice?name=Ann%20Lee&x=a+b",
                parameters: []
            )
                == "The signature would match if the URL started with http://, "
                + "and no parameters were signed, as for a GET."
        )
    }

    @Test("what no usual mistake explains is blamed on the token or a missing parameter")
    func namesToken() throws {
        let text = try conclusion(key: "54321")
        #expect(text.hasPrefix("None of "))
        #expect(text.contains("the token is not that of the account"))
    }

    @Test("a token with a line end is noticed")
    func namesKey() throws {
        let signature = ReferenceSignature.sign(url: Self.url, parameters: [], key: "12345")
        let question = SignatureQuestion(
            url: Self.url,
            key: Secret("12345\n"),
            signature: signature
        )
        #expect(
            try SignatureDiagnosis(question).conclusion
                == .explained(["the white space around the token were removed"])
        )
    }

    @Test("a port, credentials or a missing slash that are accepted anyway are no mistake")
    func acceptsForms() throws {
        for signed in [
            "https://gw.example.com", "https://gw.example.com:443", "https://gw.example.com/",
            "https://gw.example.com:443/",
        ] {
            let signature = ReferenceSignature.sign(url: signed, parameters: [], key: "12345")
            let question = SignatureQuestion(
                url: "https://gw.example.com",
                key: Secret("12345"),
                signature: signature
            )
            let diagnosis = try SignatureDiagnosis(question)
            guard case .valid(let index) = diagnosis.conclusion else {
                Issue.record("\(signed): \(diagnosis.conclusion)")
                continue
            }
            #expect(diagnosis.forms[index].url == signed)
            #expect(diagnosis.forms[index].signature == signature)
        }
    }

    @Test("without a signature the accepted forms are listed, the voice form first")
    func listsForms() throws {
        let question = SignatureQuestion(
            url: "https://mycompany.com:443/myapp.php?foo=1&bar=2#rc=2",
            key: Secret("12345"),
            parameters: WebhookVectorTests.parameters.map { Parameter(name: $0.0, value: $0.1) }
        )
        let diagnosis = try SignatureDiagnosis(question)
        #expect(diagnosis.conclusion == .nothingToCompare)
        #expect(
            diagnosis.forms.map(\.signature)
                == ["RSOYDt4T1cUTdK1PDd93/VVr8B8=", "kvajT1Ptam85bY51eRf/AJRuM3w="]
        )
        #expect(!diagnosis.conclusion.description.isEmpty)
    }

    @Test("the fragment of connection overrides is not signed, and said so if it was")
    func namesFragment() throws {
        let url = "https://gw.example.com/v#rc=2&rp=all"
        let signature = ReferenceSignature.sign(url: url, parameters: [], key: "12345")
        let question = SignatureQuestion(url: url, key: Secret("12345"), signature: signature)
        #expect(try SignatureDiagnosis(question).conclusion.description.contains("'#rc=2&rp=all'"))
    }

    @Test("a body is held against the hash in the query")
    func checksBody() throws {
        let body = WebhookVectorTests.body
        let hash = WebhookVectorTests.bodyHash
        func ask(_ url: String, signing signed: String?) throws -> SignatureDiagnosis {
            try SignatureDiagnosis(
                SignatureQuestion(
                    url: url,
                    key: Secret("12345"),
                    body: Array(body.utf8),
                    signature: signed.map {
                        ReferenceSignature.sign(url: $0, parameters: [], key: "12345")
                    }
                )
            )
        }
        let bare = "https://mycompany.com/myapp.php"
        let full = bare + "?bodySHA256=" + hash
        let wrong = bare + "?bodySHA256=" + String(hash.reversed())
        #expect(try ask(full, signing: full).conclusion == .valid(form: 0))
        #expect(try ask(full, signing: full).bodyHash == hash)
        #expect(try ask(full, signing: nil).conclusion == .nothingToCompare)
        #expect(try !ask(full, signing: nil).forms.isEmpty)
        for url in [bare, wrong, full + "&bodySHA256=" + hash] {
            #expect(try ask(url, signing: nil).conclusion == .bodyNotNamed)
            #expect(try ask(url, signing: nil).forms.isEmpty)
        }
        #expect(try ask(bare, signing: bare).conclusion == .bodyHashMissing)
        #expect(try ask(wrong, signing: wrong).conclusion == .bodyHashMismatch)
        #expect(
            try ask(bare, signing: full).conclusion
                == .explained(["the query named the body: bodySHA256=\(hash)"])
        )
        #expect(
            try ask(full, signing: bare).conclusion == .explained(["the URL had no query"])
        )
    }

    @Test("a URL that is none is an error", arguments: ["", "gw.example.com/voice", "https://:1/"])
    func refusesURL(text: String) {
        #expect(throws: PublicURLError.self) {
            try SignatureDiagnosis(SignatureQuestion(url: text, key: Secret("12345")))
        }
    }
}
