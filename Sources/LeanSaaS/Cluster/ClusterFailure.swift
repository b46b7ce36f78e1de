/// Why there is no private PostgreSQL, with the remedy in the sentence.
package enum ClusterFailure: Error, Sendable, CustomStringConvertible {
    case noBinaries
    case otherVersion(cluster: String, found: [String])
    case noUser
    case place(String)
    case initdb(String)
    case start(String)
    case busy

    package var description: String {
        switch self {
        case .noBinaries:
            "PostgreSQL is not installed: `apt-get install postgresql` on Debian, `brew install postgresql@15` on macOS"
        case .otherVersion(let cluster, let found):
            """
            the database here was made by PostgreSQL \(cluster), and only \(found.joined(separator: ", ")) is installed: \
            install postgresql-\(cluster), or move the directory away to begin anew
            """
        case .noUser:
            "PostgreSQL does not run as root, and there is no user `postgres` to run it as: install the package postgresql"
        case .place(let reason): reason
        case .initdb(let output): "the database could not be made:\n\(output)"
        case .start(let output): "PostgreSQL did not start:\n\(output)"
        case .busy: "another process has been starting this database for a minute; end it first"
        }
    }
}
