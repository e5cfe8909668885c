import Glibc
import Primitives

/// Standard output and standard error of a command: each line is there as soon as it is told, also when
/// the output is a pipe.
package enum Terminal {
    /// One line of the answer; ends the process with exit code 1 when it cannot be written.
    package static func tell(_ line: String) {
        let isWritten = write(line.hasSuffix("\n") ? line : line + "\n", to: STDOUT_FILENO)
        // If nobody reads any more, there is no one left to tell.
        guard !isWritten, errno != EPIPE else { return }
        complain("standard output: \(String(cString: strerror(errno)))")
        exit(1)
    }

    /// What went wrong.
    package static func complain(_ line: String) {
        write(line + "\n", to: STDERR_FILENO)
    }

    /// `text` without anything by which a peer or a stranger could steer a terminal.
    static func printable(_ text: String) -> String {
        String(text.quoted.dropFirst().dropLast())
    }

    /// The same of JSON or an expression, whose quotes and backslashes stay as they are.
    static func harmless(_ text: String) -> String {
        var clean = ""
        for scalar in text.unicodeScalars {
            let isPlain = scalar == "\"" || scalar == "\\"
            clean += isPlain ? String(scalar) : printable(String(scalar))
        }
        return clean
    }

    /// False: `errno` says why.
    @discardableResult
    private static func write(_ text: String, to descriptor: Int32) -> Bool {
        File.write(Array(text.utf8).span, to: descriptor)
    }
}
