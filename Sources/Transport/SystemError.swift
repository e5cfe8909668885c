import Glibc

/// A system call that failed: what was attempted, and the kernel's reason.
package struct SystemError: Error, CustomStringConvertible, Equatable {
    package var operation: String
    /// A positive `errno`.
    package var code: Int32

    package init(_ operation: String, code: Int32) {
        self.operation = operation
        self.code = code
    }

    package var description: String { "\(operation): \(String(cString: strerror(code)))" }
}

/// Turns a negative errno, as the C wrappers return it, into a thrown error.
@discardableResult
func check(_ result: Int32, _ operation: @autoclosure () -> String) throws(SystemError) -> Int32 {
    guard result < 0 else { return result }
    throw SystemError(operation(), code: -result)
}
