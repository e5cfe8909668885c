import Authentication
import Primitives
import Routing

/// The file of `trunkline apply` and `trunkline export`: the whole directory as JSON5.
///
/// A file with one problem changes nothing. What an export writes, apply takes without a change: secrets
/// are left out, and a credential without secrets keeps those that it has.
package enum DirectoryFile {
    /// Seals a secret for the row that the context names.
    package typealias Seal = (_ secret: Secret, _ context: String) throws -> SealedSecret

    /// What is to say about an organization's workflow, with the agents of its organization in the file,
    /// and where its targets may lead.
    ///
    /// Each problem has its place in the definition (`steps[2].next`).
    package typealias CheckWorkflow =
        (_ routing: InboundRouting, _ agents: [String: Agent], _ targets: TargetRules)
        -> [WorkflowProblem]

    /// Reads a directory; every problem goes to `problems`, and then it is nil.
    ///
    /// Warnings go there too, and refuse nothing. A target at one of the addresses of `own` is a problem.
    package static func read(
        _ bytes: [UInt8],
        problems: Problems,
        own: OwnAddresses = .none,
        checkWorkflow: @escaping CheckWorkflow = { _, _, _ in [] },
        seal: @escaping Seal
    ) -> DirectoryContents? {
        guard let root = JSON5Document.read(bytes, limits: limits, problems: problems) else {
            return nil
        }
        var reader = DirectoryFileReader(seal: seal, own: own, checkWorkflow: checkWorkflow)
        reader.read(root)
        return problems.isEmpty ? reader.contents : nil
    }

    /// The directory as a file that `read` takes, secrets left out.
    package static func write(_ contents: DirectoryContents) -> [UInt8] {
        var writer = DirectoryFileWriter()
        writer.write(contents)
        return writer.buffer.bytes
    }

    /// Three million numbers; the tree in memory takes about four times the file.
    private static let limits = JSON5Document.Limits(bytes: 512 << 20, depth: 64)
}
