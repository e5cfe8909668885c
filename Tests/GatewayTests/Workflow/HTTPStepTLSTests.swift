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

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(
            path: "trunkline-tls-\(UInt64.random(in: 0...UInt64.max))"
        )
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        certificate = folder.appending(path: "certificate.pem").path
        let key = folder.appending(path: "key.pem").path
        let making = Process()
        making.executableURL = URL(filePath: "/usr/bin/env")
        making.arguments = [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-keyout", key, "-out", certificate, "-days", "1", "-subj", "/CN=crm.test",
            "-addext", "subjectAltName=DNS:crm.test",
        ]
        making.standardError = FileHandle.nullDevice
        try making.run()
        making.waitUntilExit()
        try #require(making.terminationStatus == 0, "openssl could not make a certificate")

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
