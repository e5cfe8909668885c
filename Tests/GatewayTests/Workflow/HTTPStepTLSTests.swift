import Foundation
import Gateway
import Glibc
import Primitives
import Routing
import Testing
import Transport

/// A web server of the `openssl` tool, with a certificate of its own for `crm.test`.
private final class TLSServer {
    let port: Int
    let certificate: String
    private let folder: URL
    private let process = Process()

    /// The certificate is good for so many days from now; -1: it was, until yesterday.
    init(days: Int = 1) throws {
        folder = FileManager.default.temporaryDirectory.appending(
            path: "trunkline-tls-\(UInt64.random(in: 0...UInt64.max))"
        )
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        certificate = folder.appending(path: "certificate.pem").path
        let key = folder.appending(path: "key.pem").path
        let request = folder.appending(path: "request.pem").path
        try Self.run([
            "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", key, "-out", request, "-subj", "/CN=crm.test",
            "-addext", "subjectAltName=DNS:crm.test",
        ])
        try Self.run([
            "x509", "-req", "-in", request, "-signkey", key, "-out", certificate,
            "-copy_extensions", "copy", "-days", "\(days)",
        ])

        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", key,
            "-www",
        ]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        // It says `ACCEPT 127.0.0.1:port` once it listens.
        var text = ""
        while !text.contains("\n") || !text.contains("ACCEPT ") {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { break }
            text += String(decoding: more, as: UTF8.self)
        }
        let line = text.split(separator: "\n").first { $0.hasPrefix("ACCEPT ") }
        port = try #require(line?.split(separator: ":").last.flatMap { Int($0) })
    }

    /// Runs the `openssl` tool to its end.
    private static func run(_ arguments: [String]) throws {
        let tool = Process()
        tool.executableURL = URL(filePath: "/usr/bin/env")
        tool.arguments = ["openssl"] + arguments
        tool.standardError = FileHandle.nullDevice
        try tool.run()
        tool.waitUntilExit()
        try #require(tool.terminationStatus == 0, "openssl could not make a certificate")
    }

    deinit {
        // The tool inherits a mask that holds SIGTERM back.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }
}

@Suite("TLS of workflow requests")
struct HTTPStepTLSTests {
    private func client(
        _ port: Int,
        authorities: String? = nil
    ) throws -> HTTPStepClient {
        try HTTPStepClient(
            allowedHosts: [
                "private:crm.test:\(port)", "private:other.test:\(port)", "127.0.0.1:\(port)",
            ],
            authorities: authorities,
            resolver: NameResolver { _ in .addresses([.loopbackIPv4]) }
        )
    }

    @Test("a certificate has to be for the name, on a known address too (CVE-2020-15260)")
    func verification() throws {
        let server = try TLSServer()
        let trusting = try client(server.port, authorities: server.certificate)
        let answer = try trusting.answer("https://crm.test:\(server.port)/")
        #expect(answer.status == 200)
        #expect(answer.body.contains("TLSv1.3"))
        #expect(try trusting.answer("https://other.test:\(server.port)/").reason == .tls)
        #expect(try trusting.answer("https://127.0.0.1:\(server.port)/").reason == .tls)
        // The system's authorities do not know a certificate that signed itself.
        let strict = try client(server.port)
        #expect(try strict.answer("https://crm.test:\(server.port)/").reason == .tls)
    }

    @Test("a certificate that has expired is a failure of TLS, whoever signed it")
    func expiredCertificate() throws {
        let server = try TLSServer(days: -1)
        let trusting = try client(server.port, authorities: server.certificate)
        #expect(try trusting.answer("https://crm.test:\(server.port)/").reason == .tls)
    }

    @Test("a server that does not speak TLS is a failure of TLS")
    func plainServer() throws {
        let server = try LoopbackServer { connection in
            connection.send("HTTP/1.1 400 Bad Request\r\n\r\n")
            _ = connection.seesEnd()
        }
        let answer = try client(server.port).answer("https://crm.test:\(server.port)/")
        #expect(answer.reason == .tls)
    }

    @Test("a handshake that stays half done ends with the step's time")
    func silentHandshake() throws {
        let server = try LoopbackServer { connection in
            while !connection.seesEnd() {}
        }
        let answer = try client(server.port).answer(
            "https://crm.test:\(server.port)/",
            timeout: .milliseconds(50)
        )
        #expect(answer.reason == .timedOut)
    }
}
