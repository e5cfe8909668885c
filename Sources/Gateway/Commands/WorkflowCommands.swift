import JSONata
import Primitives
import Routing

/// `trunkline workflow check` and `trunkline workflow draw`: a workflow in a file of its own.
package enum WorkflowCommands {
    /// What a definition is checked against; nil: not at all.
    package struct Surroundings {
        /// The configuration, for the hosts that `http` steps may ask.
        package var configuration: Configuration?
        /// A directory file, for the agents.
        var directoryFile: String?
        /// Which organization of the directory file; needed where it has several.
        package var organization: String?

        package init(
            configuration: Configuration? = nil,
            directoryFile: String? = nil,
            organization: String? = nil
        ) {
            self.configuration = configuration
            self.directoryFile = directoryFile
            self.organization = organization
        }
    }

    /// Everything that is to say about the definition, and whether it can be used.
    package static func check(
        _ file: String,
        _ surroundings: Surroundings
    ) throws -> (problems: Problems, isRight: Bool) {
        guard surroundings.organization == nil || surroundings.directoryFile != nil else {
            throw UsageError("--organization names one of a directory file; add --directory FILE")
        }
        let problems = Problems(file: file)
        guard let definition = DefinitionFile(try File.read(file), problems: problems) else {
            return (problems, false)
        }
        var directory: DirectorySnapshot?
        var organization: OrganizationEntry?
        if let path = surroundings.directoryFile {
            let read = try self.directory(path)
            organization = try read.organization(forOption: surroundings.organization, of: path)
            directory = read
        }
        let compiled = definition.compile(
            for: organization,
            in: directory,
            configuration: surroundings.configuration
        )
        return (problems, compiled != nil)
    }

    /// The findings as one JSON object.
    package static func json(_ problems: Problems, isRight: Bool) -> String {
        let all =
            problems.list.map { $0.value("error") }
            + problems.warnings.map { $0.value("warning") }
        let object: JSONValue = ["ok": .bool(isRight), "problems": .array(JSONArray(all))]
        return object.jsonText + "\n"
    }

    /// The workflow as a Mermaid flowchart; a definition with errors is not drawn.
    package static func draw(_ file: String) throws -> String {
        let problems = Problems(file: file)
        let definition = DefinitionFile(try File.read(file), problems: problems)?.compile(
            for: nil,
            in: nil,
            configuration: nil
        )
        guard let definition else { throw FileError(problems) }
        return definition.drawing
    }

    private static func directory(_ file: String) throws -> DirectorySnapshot {
        let problems = Problems(file: file)
        let contents = DirectoryFile.read(try File.read(file), problems: problems) { _, _ in
            SealedSecret([])
        }
        guard let contents else { throw FileError(problems) }
        return try DirectorySnapshot(contents)
    }
}
