import Authentication
import Primitives

/// A voice webhook with the 26 parameters that Twilio sends for a call in North America, signed.
struct SampleWebhook {
    let request: [UInt8]

    init(number: String = "+14155500007") throws {
        let parameters = Self.parameters(number)
        let path = "/telephony/inbound/twilio"
        let diagnosis = try SignatureDiagnosis(
            SignatureQuestion(
                url: SampleDirectory.publicURL + path,
                key: Secret(SampleDirectory.token),
                parameters: parameters.map { SignatureQuestion.Parameter(name: $0, value: $1) }
            )
        )
        var body = ByteBuffer()
        for (index, parameter) in parameters.enumerated() {
            if index > 0 { body.append("&") }
            body.append(parameter.0)
            body.append("=")
            body.appendPercentEncoded(Array(parameter.1.utf8).span)
        }
        var request = ByteBuffer()
        request.append(
            """
            POST \(path) HTTP/1.1\r
            Host: gw.example.com\r
            Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r
            X-Twilio-Signature: \(diagnosis.forms[0].signature)\r
            I-Twilio-Idempotency-Token: 00000000-0000-4000-8000-000000000000\r
            User-Agent: TwilioProxy/1.1\r
            Accept: */*\r
            Content-Length: \(body.count)\r
            \r

            """ as String
        )
        request.append(body.span)
        self.request = request.bytes
    }

    private static func parameters(_ number: String) -> [(String, String)] {
        [
            ("AccountSid", SampleDirectory.account), ("ApiVersion", "2010-04-01"),
            ("CallSid", "CA00000000000000000000000000000001"), ("CallStatus", "ringing"),
            ("Called", number), ("CalledCity", "SAN FRANCISCO"), ("CalledCountry", "US"),
            ("CalledState", "CA"), ("CalledZip", "94105"), ("Caller", "+12125550123"),
            ("CallerCity", "NEW YORK"), ("CallerCountry", "US"), ("CallerState", "NY"),
            ("CallerZip", "10001"), ("Direction", "inbound"), ("From", "+12125550123"),
            ("FromCity", "NEW YORK"), ("FromCountry", "US"), ("FromState", "NY"),
            ("FromZip", "10001"), ("StirVerstat", "TN-Validation-Passed-A"), ("To", number),
            ("ToCity", "SAN FRANCISCO"), ("ToCountry", "US"), ("ToState", "CA"),
            ("ToZip", "94105"),
        ]
    }
}
