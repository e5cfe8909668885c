import Glibc
import Primitives

/// One file of the call log: `calls-00000001-20261121T070509Z.jsonl`, in the order of its number.
package struct CallLogFile: Hashable, Comparable, Sendable {
    package let sequence: Int
    package let name: String

    init?(name: String) {
        guard name.hasPrefix("calls-"), name.hasSuffix(".jsonl") else { return nil }
        let digits = Array(name.utf8.dropFirst(6).prefix { $0 != 0x2D })
        guard let sequence = digits.span.decimal(limit: 1 << 48), name.utf8.count < 64 else {
            return nil
        }
        self.sequence = sequence
        self.name = name
    }

    init(sequence: Int, at now: WallTime) {
        let date = CivilDate(now)
        var buffer = ByteBuffer()
        buffer.append("calls-")
        buffer.appendDecimal(sequence, digits: 8)
        buffer.append("-")
        buffer.appendDecimal(date.year, digits: 4)
        buffer.appendDecimal(date.month, digits: 2)
        buffer.appendDecimal(date.day, digits: 2)
        buffer.append("T")
        buffer.appendDecimal(date.hour, digits: 2)
        buffer.appendDecimal(date.minute, digits: 2)
        buffer.appendDecimal(date.second, digits: 2)
        buffer.append("Z.jsonl")
        self.sequence = sequence
        name = buffer.text
    }

    /// When the file was begun, as its name says, to the second; nil when it says nothing.
    package var startedAt: WallTime? {
        let digits = Array(name.dropLast(6).suffix(16))
        guard digits.count == 16, digits[8] == "T" else { return nil }
        func part(_ range: Range<Int>) -> String { String(digits[range]) }
        return WallTime(
            rfc3339: "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T"
                + "\(part(9..<11)):\(part(11..<13)):\(part(13..<15))Z"
        )
    }

    package static func < (left: CallLogFile, right: CallLogFile) -> Bool {
        (left.sequence, left.name) < (right.sequence, right.name)
    }

    /// The files of a call log, oldest first; other files in the folder are let alone.
    package static func all(in directory: String) throws -> [CallLogFile] {
        guard let stream = opendir(directory) else {
            throw StoreError(.cannotOpen, "\(directory): \(String(cString: strerror(errno)))")
        }
        defer { closedir(stream) }
        var files: [CallLogFile] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if let file = CallLogFile(name: name) { files.append(file) }
        }
        return files.sorted()
    }
}
