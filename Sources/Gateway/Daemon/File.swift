import Glibc
import Transport

/// Whole files; errors name the path.
package enum File {
    package static func read(_ path: String, limit: Int = 1 << 30) throws -> [UInt8] {
        let descriptor = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError("read \(path)", code: errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= limit {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SystemError("read \(path)", code: errno) }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
        throw SystemError("read \(path)", code: EFBIG)
    }

    /// How large a file is; nil when it is not there.
    static func byteCount(_ path: String) -> Int? {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : nil
    }

    /// Writes a file that must not be there yet.
    static func create(_ path: String, _ bytes: [UInt8], mode: mode_t) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw SystemError("create \(path)", code: errno) }
        defer { close(descriptor) }
        guard write(bytes.span, to: descriptor), fsync(descriptor) == 0 else {
            throw SystemError("write \(path)", code: errno)
        }
    }

    /// Replaces a file in one step, so that no reader ever finds half of it.
    static func replace(_ path: String, _ bytes: Span<UInt8>) throws(SystemError) {
        let draft = path + ".new"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemError("write \(draft)", code: errno) }
        let error = write(bytes, to: descriptor) ? 0 : errno
        close(descriptor)
        guard error == 0 else { throw SystemError("write \(draft)", code: error) }
        guard rename(draft, path) == 0 else { throw SystemError("write \(path)", code: errno) }
    }

    /// Writes all octets; false when the descriptor takes no more, and `errno` says why.
    @discardableResult
    static func write(_ bytes: Span<UInt8>, to descriptor: Int32) -> Bool {
        bytes.withUnsafeBytes { room in
            var written = 0
            while written < room.count {
                let count = Glibc.write(
                    descriptor,
                    room.baseAddress.map { $0 + written },
                    room.count - written
                )
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                written += count
            }
            return true
        }
    }

    /// Gives every file of root in the folder, and in the folders below it, to the folder's owner.
    ///
    /// The owner may swap a folder for a symbolic link meanwhile: from the first folder on nothing is
    /// reached by its path, and no link is followed. A file with a second name may be one of elsewhere.
    static func giveToOwner(of folder: String) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        var owner = stat()
        guard fstat(descriptor, &owner) == 0, owner.st_uid != 0 else {
            close(descriptor)
            return
        }
        give(descriptor, to: owner)
    }

    /// Closes `folder`.
    private static func give(_ folder: Int32, to owner: stat) {
        guard let directory = fdopendir(folder) else {
            close(folder)
            return
        }
        defer { closedir(directory) }
        while let name = nextName(in: directory) {
            var status = stat()
            guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
            let isFolder = status.st_mode & S_IFMT == S_IFDIR
            if status.st_uid == 0, isFolder || status.st_nlink == 1 {
                fchownat(folder, name, owner.st_uid, owner.st_gid, AT_SYMLINK_NOFOLLOW)
            }
            guard isFolder else { continue }
            let inner = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            if inner >= 0 { give(inner, to: owner) }
        }
    }

    /// The paths of what is in a folder; none when it cannot be read.
    static func contents(of folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var paths: [String] = []
        while let name = nextName(in: directory) { paths.append(folder + "/" + name) }
        return paths
    }

    private static func nextName(in directory: OpaquePointer) -> String? {
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { return name }
        }
        return nil
    }

    /// Why a folder cannot be made and written to, as `errno`; 0: nothing is in the way.
    ///
    /// It is tried, because some file systems refuse what their permissions allow; nothing stays.
    static func obstacle(toMakingFolder path: String) -> Int32 {
        var status = stat()
        if stat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFDIR else { return ENOTDIR }
            return access(path, W_OK | X_OK) == 0 ? 0 : errno
        }
        guard errno == ENOENT else { return errno }
        guard mkdir(path, 0o700) != 0 else {
            rmdir(path)
            return 0
        }
        let code = errno
        guard code == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
            return code
        }
        let above = String(path[..<slash])
        return stat(above, &status) == 0 ? code : obstacle(toMakingFolder: above)
    }

    /// Makes a folder and those above it; one that is there is left as it is.
    static func makeFolder(_ path: String, mode: mode_t = 0o700) throws {
        guard mkdir(path, mode) != 0, errno != EEXIST else { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
            throw SystemError("make the folder \(path)", code: errno)
        }
        try makeFolder(String(path[..<slash]), mode: mode)
        guard mkdir(path, mode) == 0 || errno == EEXIST else {
            throw SystemError("make the folder \(path)", code: errno)
        }
    }
}
