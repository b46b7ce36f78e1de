import Foundation
import Platform
import TestKit
import Testing

/// The sources themselves: who mentions whom.
struct FeatureBordersTests {
    private static func imports(_ text: String) -> Set<String> {
        Set(
            text.split(separator: "\n").compactMap { line in
                let words = line.split(separator: " ")
                return words.first == "import" && words.count == 2 ? String(words[1]) : nil
            })
    }

    @Test func `a feature mentions only the features that it needs`() throws {
        // Folder, namespace, and the namespaces whose features it needs.
        let allowed: [(folder: String, names: Set<String>)] = [
            ("Core", []), ("SignIn", ["Core"]), ("Organizations", ["SignIn", "Core"]),
            ("Profiles", ["Organizations", "SignIn", "Core"]), ("Notes", ["Organizations", "SignIn", "Core"]),
        ]
        let all: Set<String> = ["Core", "SignIn", "Organizations", "Profiles", "Notes"]
        for (folder, names) in allowed {
            let forbidden = all.subtracting(names).subtracting([folder])
            for file in try Sources.files(under: "Features/\(folder)") {
                for name in forbidden {
                    #expect(!file.text.contains("\(name)."), "\(file.path) mentions \(name)")
                }
            }
        }
    }

    @Test func `features never see the HTTP library`() throws {
        for file in try Sources.files(under: "Features") {
            let imports = Self.imports(file.text)
            #expect(
                imports.isDisjoint(with: ["Hummingbird", "HummingbirdCore", "NIOCore", "NIOHTTP1"]), "\(file.path)")
        }
    }

    @Test func `only Platform's HTTP folder imports Hummingbird`() throws {
        for file in try Sources.files(under: "") where !file.path.contains("/Platform/HTTP/") {
            #expect(!Self.imports(file.text).contains("Hummingbird"), "\(file.path)")
        }
    }

    @Test func `an import only ever points down`() throws {
        let floors = [
            "Codecs": 0, "Threads": 0, "Postgres": 1, "Platform": 2, "Features": 3, "LeanSaaS": 4, "CLI": 5,
        ]
        for (target, floor) in floors {
            for file in try Sources.files(under: target) {
                for name in Self.imports(file.text) {
                    guard let other = floors[name] else { continue }
                    #expect(other < floor, "\(file.path) imports \(name)")
                }
            }
        }
    }
}
