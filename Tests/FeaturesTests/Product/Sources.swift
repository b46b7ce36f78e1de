import Foundation
import Testing

/// The sources themselves, for tests of what they say.
enum Sources {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Sources")

    static func files(under path: String) throws -> [(path: String, text: String)] {
        let root = folder.appendingPathComponent(path)
        let found = try #require(FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil))
        return try found.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
            .map { ($0.path, try String(contentsOf: $0, encoding: .utf8)) }
    }
}
