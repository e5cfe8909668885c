import Authentication
import Glibc
import Primitives
import Transport

/// Finds the key that seals secrets: a credential of the service manager, else a file of our own.
enum KeyFile {
    /// The credential's name in `LoadCredential=`.
    private static let credentialName = "trunkline.key"

    /// Reads the key; the file is made with mode 0600 when there is none and `isNew` says that
    /// nothing has been sealed yet.
    ///
    /// `credentialsDirectory` is the value of `CREDENTIALS_DIRECTORY`.
    static func load(
        path: String,
        credentialsDirectory: String?,
        isNew: Bool
    ) throws -> SecretKey {
        let credential = credentialsDirectory.map { $0 + "/" + credentialName }
        if let credential, let bytes = try contents(ofCredential: credential) {
            return try parse(bytes, path: credential)
        }
        do {
            let bytes = try File.read(path)
            try checkMode(path)
            return try parse(bytes, path: path)
        } catch let error as SystemError where error.code == ENOENT {
            guard isNew else {
                throw StartError(
                    "\(path) is missing: the key that sealed the secrets of the store has to be there"
                )
            }
            return try create(path)
        }
    }

    /// Nil where there is no credential, or it asks for a key of our own.
    ///
    /// One that cannot be read is an error: another key in its place could open no secret.
    private static func contents(ofCredential path: String) throws -> [UInt8]? {
        do {
            let bytes = try File.read(path)
            return String(decoding: bytes, as: UTF8.self) == "generate" ? nil : bytes
        } catch let error as SystemError where error.code == ENOENT {
            return nil
        }
    }

    private static func create(_ path: String) throws -> SecretKey {
        let text = Array((Hex.encode(Randomness.bytes(32).span) + "\n").utf8)
        do {
            try File.create(path, text, mode: 0o600)
        } catch let error as SystemError where error.code == EEXIST {
            // Another process was faster: its key is the one.
            return try parse(File.read(path), path: path)
        }
        return try parse(text, path: path)
    }

    private static func parse(_ bytes: [UInt8], path: String) throws -> SecretKey {
        do {
            return try SecretKey(parsing: bytes.span)
        } catch {
            throw StartError("\(path): \(error)")
        }
    }

    private static func checkMode(_ path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & 0o077 != 0 else { return }
        throw StartError(
            "\(path) can be read by others; it seals every secret of the directory: "
                + "chmod 600 \(path)"
        )
    }
}

/// Why the daemon does not start, in words for whoever started it.
package struct StartError: Error, CustomStringConvertible {
    package var description: String

    package init(_ description: String) {
        self.description = description
    }
}
