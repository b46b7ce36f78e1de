import Foundation

/// The program itself, as people run it: `leansaas`, which is built beside the tests.
package struct Program: Sendable {
    /// What it said, and how it ended.
    package struct Outcome: Sendable {
        package let status: Int32
        package let output: String
        package let complaint: String

        package var lines: [String] { output.split(separator: "\n").map(String.init) }
    }

    private let environment: [String: String]

    /// - Parameter environment: all that it is given; nothing of ours.
    package init(_ environment: [String: String]) {
        self.environment = environment
    }

    /// Runs a command to its end, in an empty directory. It is killed after a minute.
    package func run(_ arguments: String...) async throws -> Outcome { try await run(arguments) }

    package func run(_ arguments: [String]) async throws -> Outcome {
        let place = FileManager.default.temporaryDirectory.appending(path: "leansaas-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        let said = (output: place.appending(path: "output"), complaint: place.appending(path: "complaint"))
        let status = try await status(arguments, in: place, said.output, said.complaint)
        let outcome = Outcome(
            status: status, output: try String(contentsOf: said.output, encoding: .utf8),
            complaint: try String(contentsOf: said.complaint, encoding: .utf8))
        try FileManager.default.removeItem(at: place)
        return outcome
    }

    private func status(_ arguments: [String], in place: URL, _ output: URL, _ complaint: URL) async throws -> Int32 {
        let process = try ChildProcess(
            Self.path.path, arguments, environment: environment, in: place.path, output: output.path,
            errors: complaint.path)
        do {
            var status: Int32?
            try await until("\(arguments) ends", limit: .seconds(60)) {
                status = process.status
                return status != nil
            }
            guard let status else { throw CancellationError() }
            return status
        } catch {
            kill(process.id, SIGKILL)
            throw error
        }
    }

    /// Beside the bundle that the tests are run from.
    private static var path: URL {
        let arguments = ProcessInfo.processInfo.arguments
        let bundle = arguments.lazy.compactMap { argument -> String? in
            argument.range(of: ".xctest").map { String(argument[..<$0.upperBound]) }
        }.first
        return URL(fileURLWithPath: bundle ?? arguments[0]).deletingLastPathComponent().appending(path: "leansaas")
    }
}
