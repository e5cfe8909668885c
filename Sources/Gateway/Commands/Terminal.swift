import Glibc
import Primitives

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

    /// `text` without anything by which a peer or a stranger could steer a terminal.
    static func printable(_ text: String) -> String {
        String(text.quoted.dropFirst().dropLast())
    }

    private static func write(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        // If nobody reads any more, there is no one left to tell.
        File.write(bytes.span, to: descriptor)
    }
}
