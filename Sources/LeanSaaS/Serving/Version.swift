/// Which program this is. `scripts/release` writes the build's own facts here before it compiles.
package enum Version {
    /// Semantic version, the newest of CHANGELOG.md.
    package static let number = "0.1.0"
    package static let build = "0"
    package static let commit: String? = nil
}
