import Foundation
import JSONata
import Primitives

/// The language-neutral suite of the reference implementation, read from disk.
///
/// It lies where the environment variable JSONATA_SUITE says, by default beside the repository.
struct ReferenceSuite {
    var groups: [(name: String, cases: [Case])] = []
    private var datasets: [String: JSONValue] = [:]

    struct Case {
        var name: String
        var expression: String
        var input: JSONValue?
        var bindings: [String: JSONValue]
        var limits: EvaluationLimits
        var expected: Expected
        /// The elements of an array may come in any order.
        var isUnordered: Bool
    }

    enum Expected {
        case value(JSONValue)
        case nothing
        case error(code: String, token: String?, message: String?)
    }

    struct Missing: Error, CustomStringConvertible {
        var description: String
    }

    init() throws {
        let folder = Self.folder
        let files = FileManager.default
        guard let names = try? files.contentsOfDirectory(atPath: folder + "/groups") else {
            throw Missing(description: "the suite of the reference is not at \(folder)")
        }
        for name in try files.contentsOfDirectory(atPath: folder + "/datasets") {
            datasets["\(name.dropLast(5))"] = try Self.read("\(folder)/datasets/\(name)")
        }
        for name in names.sorted() where name.hasSuffix(".json") {
            let cases = try Self.read("\(folder)/groups/\(name)").arrayValue ?? []
            groups.append(("\(name.dropLast(5))", try cases.map(parse)))
        }
    }

    /// Whether the suite lies beside the repository, or somebody said where it is.
    static var isExpected: Bool {
        ProcessInfo.processInfo.environment["JSONATA_SUITE"] != nil
            || FileManager.default.fileExists(atPath: folder)
    }

    private static var folder: String {
        if let folder = ProcessInfo.processInfo.environment["JSONATA_SUITE"] { return folder }
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return package.appendingPathComponent("../shared/jsonata-suite").standardized.path
    }

    private static func read(_ path: String) throws -> JSONValue {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Missing(description: "cannot read \(path)")
        }
        let bytes = [UInt8](data)
        return try JSONValue.parse(bytes.span, limits: JSONLimits(byteCountMax: 1 << 24))
    }

    private func parse(_ value: JSONValue) throws -> Case {
        let name = value["case"]?.stringValue ?? "?"
        guard let expression = value["expr"]?.stringValue else {
            throw Missing(description: "case \(name) has no expression")
        }
        return Case(
            name: name,
            expression: expression,
            input: try input(of: value),
            bindings: bindings(of: value),
            limits: limits(of: value),
            expected: expectation(of: value),
            isUnordered: value["unordered"]?.boolValue ?? false
        )
    }

    private func input(of value: JSONValue) throws -> JSONValue? {
        guard let name = value["dataset"]?.stringValue else {
            if value["dataset"] != nil { return nil }
            return value["data"]
        }
        guard let dataset = datasets[name] else {
            throw Missing(description: "there is no dataset \(name)")
        }
        return dataset
    }

    private func bindings(of value: JSONValue) -> [String: JSONValue] {
        var bindings: [String: JSONValue] = [:]
        for entry in value["bindings"]?.objectValue ?? [:] { bindings[entry.key] = entry.value }
        return bindings
    }

    /// The suite asks for values far beyond what a call may use up, such as ten million numbers.
    private func limits(of value: JSONValue) -> EvaluationLimits {
        var limits = EvaluationLimits()
        limits.operationCountMax = 100_000_000
        limits.valueByteCountMax = 1 << 30
        // Without the optimizer a call takes several times the stack.
        limits.stackByteCountMax = 6 << 20
        if value["timelimit"] != nil, let depth = value["depth"]?.integerValue {
            limits.depthMax = depth
        }
        return limits
    }

    private func expectation(of value: JSONValue) -> Expected {
        if let result = value["result"] { return .value(result) }
        if value["undefinedResult"]?.boolValue == true { return .nothing }
        let error = value["error"]
        return .error(
            code: (value["code"] ?? error?["code"])?.stringValue ?? "?",
            token: (value["token"] ?? error?["token"])?.stringValue,
            message: error?["message"]?.stringValue
        )
    }
}

extension ReferenceSuite.Case {
    /// An evaluator as every case expects it.
    static var evaluator: Evaluator {
        Evaluator(timestamp: WallTime(seconds: 1_790_000_000), seed: .number(1))
    }

    /// nil if the case passes, else what came instead of what was expected.
    func failure(_ evaluator: Evaluator = evaluator) -> String? {
        do throws(JSONataError) {
            let result = try evaluator.value(
                of: try Expression(parsing: expression),
                over: input,
                bindings: bindings,
                limits: limits
            )
            return failure(result)
        } catch {
            return failure(error)
        }
    }

    private func failure(_ result: JSONValue?) -> String? {
        switch (expected, result) {
        case (.nothing, nil): return nil
        case (.value(let wanted), let result?) where wanted == result: return nil
        case (.value(.array(let wanted)), .array(let result)?) where isUnordered:
            return hasSameElements(wanted, result) ? nil : "\(JSONValue.array(result).jsonText)"
        default: return result?.jsonText ?? "nothing"
        }
    }

    private func failure(_ error: JSONataError) -> String? {
        guard case .error(let code, let token, let message) = expected,
            error.code.rawValue == code, token == nil || token == error.token
        else { return "\(error) token \(error.token ?? "-")" }
        let usersMessages = ["D3137", "D3141"]
        guard !usersMessages.contains(code) || message == nil || message == error.message else {
            return "\(error)"
        }
        return nil
    }

    private func hasSameElements(_ left: JSONArray, _ right: JSONArray) -> Bool {
        left.map(\.jsonText).sorted() == right.map(\.jsonText).sorted()
    }
}
