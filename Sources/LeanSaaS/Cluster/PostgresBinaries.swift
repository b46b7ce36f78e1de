#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// An installation of PostgreSQL's server programs.
struct PostgresBinaries: Sendable {
    let directory: String
    /// The major version, as in PG_VERSION.
    let version: String

    var postgres: String { directory + "/postgres" }
    var initdb: String { directory + "/initdb" }

    /// The installation for a cluster of `wanted`, or the newest when there is no cluster yet.
    static func find(for wanted: String?) throws(ClusterFailure) -> PostgresBinaries {
        let found = all()
        guard !found.isEmpty else { throw .noBinaries }
        guard let wanted else { return found[0] }
        guard let match = found.first(where: { $0.version == wanted }) else {
            throw .otherVersion(cluster: wanted, found: found.map(\.version))
        }
        return match
    }

    /// What is installed, the newest first.
    private static func all() -> [PostgresBinaries] {
        var found: [PostgresBinaries] = []
        for pattern in patterns {
            for version in stride(from: 19, through: 13, by: -1) {
                let directory = pattern.replacing("VERSION", with: String(version))
                if isInstalled(directory) {
                    found.append(PostgresBinaries(directory: directory, version: "\(version)"))
                }
            }
        }
        for directory in searchPath
        where isInstalled(directory) && !found.contains(where: { $0.directory == directory }) {
            if let version = version(of: directory) {
                found.append(PostgresBinaries(directory: directory, version: version))
            }
        }
        return found.sorted { (Int($0.version) ?? 0) > (Int($1.version) ?? 0) }
    }

    /// Debian, Red Hat, Homebrew on Apple silicon and Intel, Postgres.app.
    private static let patterns = [
        "/usr/lib/postgresql/VERSION/bin", "/usr/pgsql-VERSION/bin", "/opt/homebrew/opt/postgresql@VERSION/bin",
        "/usr/local/opt/postgresql@VERSION/bin", "/Applications/Postgres.app/Contents/Versions/VERSION/bin",
    ]

    private static var searchPath: [String] {
        (Terminal.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    }

    private static func isInstalled(_ directory: String) -> Bool {
        ["postgres", "initdb"].allSatisfy { FileManager.default.isExecutableFile(atPath: "\(directory)/\($0)") }
    }

    /// Installations in PATH keep their version beside the binaries, in the path of their shared files.
    private static func version(of directory: String) -> String? {
        for version in stride(from: 19, through: 13, by: -1) {
            for share in ["../share/postgresql/\(version)", "../share/postgresql@\(version)"]
            where FileManager.default.fileExists(atPath: "\(directory)/\(share)") {
                return String(version)
            }
        }
        return nil
    }
}
