import Glibc

/// Standard output and standard error of a command: each line is there as soon as it is told, also when
/// the output is a pipe.
package enum Terminal {
    /// One line of the answer.
    package static func tell(_ line: String) {
        write(line.hasSuffix("\n") ? line : line + "\n", to: STDOUT_FILENO)
    }

    /// What went wrong.
    package static func complain(_ line: String) {
        write(line + "\n", to: STDERR_FILENO)
    }

    private static func write(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { room in
                Glibc.write(descriptor, room.baseAddress.map { $0 + written }, room.count - written)
            }
            if count < 0, errno == EINTR { continue }
            // Nobody reads any more: there is no one left to tell.
            guard count > 0 else { return }
            written += count
        }
    }
}
