import Foundation
import Testing

/// What is made from the code and committed. `scripts/golden` writes it anew.
enum Golden {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func text(at path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// The names of the files in a folder, in order.
    static func names(in path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent(path).path).sorted()
    }

    static func expect(_ made: String, at path: String) throws {
        let file = root.appendingPathComponent(path)
        if ProcessInfo.processInfo.environment["LEAN_GOLDEN"] == "write" {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(made.utf8).write(to: file)
        }
        let isCommitted = try text(at: path) == made
        #expect(isCommitted, "\(path) is not what the code says; run scripts/golden and look at what changed")
    }
}
