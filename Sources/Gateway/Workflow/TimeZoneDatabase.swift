import Glibc
import Primitives

/// The time zones of the system: `$TZDIR`, or where Debian has them.
enum TimeZoneDatabase {
    /// The TZif file of a zone (RFC 8536) by its IANA name; nil when there is none.
    static func file(of name: String) -> [UInt8]? {
        guard isName(name) else { return nil }
        return try? File.read("\(folder)/\(name)", limit: bytesMax)
    }

    private static let folder =
        getenv("TZDIR").map { String(cString: $0) } ?? "/usr/share/zoneinfo"

    /// Names are parts of letters, digits, `_`, `+` and `-` between slashes, so that none of them leads
    /// out of the folder.
    private static func isName(_ name: String) -> Bool {
        let parts = name.utf8.split(separator: 0x2F, omittingEmptySubsequences: false)
        return 1...3 ~= parts.count
            && parts.allSatisfy { part in
                !part.isEmpty && part.count <= 64
                    && part.allSatisfy {
                        ASCII.isAlphanumeric($0) || $0 == 0x5F || $0 == 0x2B || $0 == 0x2D
                    }
            }
    }

    /// The largest file of the database has some 4 KiB.
    private static let bytesMax = 64 << 10
}
