import Authentication
import Primitives
import Testing

@Suite("The published examples of webhook signatures")
struct WebhookVectorTests {
    static let parameters = [
        ("CallSid", "CA1234567890ABCDE"), ("Caller", "+14158675309"), ("Digits", "1234"),
        ("From", "+14158675309"), ("To", "+18005551212"),
    ]
    static let target = "/myapp.php?foo=1&bar=2"
    static let body = #"{"property": "value", "boolean": true}"#
    static let bodyHash = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"

    @Test(
        "a form POST is accepted in each form of its URL",
        arguments: [
            ("https://mycompany.com", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
            ("https://mycompany.com:443", "kvajT1Ptam85bY51eRf/AJRuM3w="),
            ("https://mycompany.com", "kvajT1Ptam85bY51eRf/AJRuM3w="),
            ("https://mycompany.com:443", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
            ("https://mycompany.com:1234", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
            ("http://mycompany.com:80", "0ZXoZLH/DfblKGATFgpif+LLRf4="),
            ("http://mycompany.com", "0ZXoZLH/DfblKGATFgpif+LLRf4="),
            ("http://mycompany.com:1234", "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
            ("https://user:pass@mycompany.com", "CukzLTc1tT5dXEDIHm/tKBanW10="),
            ("https://user:pass@mycompany.com:443", "ZQFR1PTIZXF2MXB8ZnKCvnnA+rI="),
            ("https://user:pass@mycompany.com", "ZQFR1PTIZXF2MXB8ZnKCvnnA+rI="),
            ("https://user:pass@mycompany.com:8443", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ]
    )
    func acceptsForm(publicURL: String, signature: String) throws {
        let webhook = Webhook(
            publicURL: publicURL,
            target: Self.target,
            parameters: Self.parameters,
            signature: signature
        )
        #expect(try webhook.verdict().isValid)
    }

    @Test("the example of Twilio's own page is accepted")
    func acceptsDocumentationExample() throws {
        var parameters = Self.parameters
        parameters[1].1 = "+14158675310"
        parameters[3].1 = "+14158675310"
        let webhook = Webhook(
            publicURL: "https://example.com",
            target: Self.target,
            parameters: parameters,
            signature: "L/OH5YylLD5NRKLltdqwSvS0BnU="
        )
        #expect(try webhook.verdict().isValid)
    }

    @Test(
        "a JSON body is accepted by the hash in its URL",
        arguments: [
            ("/myapp.php?foo=1&bar=2&bodySHA256=", "a9nBmqA0ju/hNViExpshrM61xv4="),
            ("/myapp.php?bodySHA256=", "y77kIzt2vzLz71DgmJGsen2scGs="),
        ]
    )
    func acceptsBody(target: String, signature: String) throws {
        let webhook = Webhook(
            publicURL: "https://mycompany.com",
            target: target + Self.bodyHash,
            body: Self.body,
            signature: signature
        )
        #expect(try webhook.verdict().isValid)
    }

    @Test("the hash of the documentation's body is the one in the documentation")
    func hashesBody() {
        let body = Array(#"{"CallSid":"CA1234567890ABCDE","Caller":"+12349013030"}"#.utf8)
        #expect(
            SHA256.digest(body.span).hex
                == "5ccde7145dfb8f56479710896586cb9d5911809d83afbe34627818790db0aec9"
        )
    }
}
