import Foundation
import Gateway
import Testing

@Suite("The key that seals secrets")
struct KeyFileTests {
    private let folder: ScratchFolder
    private let configuration: Configuration

    init() throws {
        folder = try ScratchFolder()
        configuration = folder.session(Configuration()).configuration
    }

    private var hasOwnKey: Bool { FileManager.default.fileExists(atPath: folder.path + "/key") }

    @Test("a credential that is there and cannot be read is an error, and no other key is made")
    func refusesUnreadableCredential() throws {
        let credentials = folder.path + "/credentials"
        try FileManager.default.createDirectory(
            atPath: credentials + "/trunkline.key",
            withIntermediateDirectories: true
        )
        #expect {
            try DirectoryFollower(configuration, credentialsDirectory: credentials)
        } throws: { error in
            "\(error)".contains(credentials + "/trunkline.key")
        }
        #expect(!hasOwnKey)
    }

    @Test("without a credential, or with one that says so, there is a key of our own")
    func makesKey() throws {
        for text in [nil, "generate"] {
            if let text { _ = try folder.file("trunkline.key", text) }
            _ = try DirectoryFollower(configuration, credentialsDirectory: folder.path)
            #expect(hasOwnKey)
        }
    }
}
