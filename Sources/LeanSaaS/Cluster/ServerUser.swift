#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The system's user that the database runs as: ourselves, or `postgres` when we are root, since PostgreSQL refuses root.
package struct ServerUser: Sendable {
    let user: uid_t
    let group: gid_t
    let name: String

    package init(user: uid_t, group: gid_t, name: String) {
        self.user = user
        self.group = group
        self.name = name
    }

    static func current() throws(ClusterFailure) -> ServerUser {
        let own = geteuid()
        guard own == 0 else { return ServerUser(user: own, group: getegid(), name: name(of: own) ?? "\(own)") }
        guard let entry = getpwnam("postgres") else { throw .noUser }
        return ServerUser(user: entry.pointee.pw_uid, group: entry.pointee.pw_gid, name: "postgres")
    }

    /// The name that peer authentication sees when this process connects.
    static var ownName: String { name(of: geteuid()) ?? "\(geteuid())" }

    private static func name(of user: uid_t) -> String? {
        getpwuid(user).map { String(cString: $0.pointee.pw_name) }
    }

    /// Whether the user may pass through every directory above `path`.
    func canReach(_ path: String) -> Bool {
        var parts = path.split(separator: "/")
        while !parts.isEmpty {
            parts.removeLast()
            var status = stat()
            let parent = "/" + parts.joined(separator: "/")
            guard stat(parent, &status) == 0 else { continue }
            let mode = status.st_mode
            let mayPass =
                mode & S_IXOTH != 0 || (status.st_uid == user && mode & S_IXUSR != 0)
                || (status.st_gid == group && mode & S_IXGRP != 0)
            if !mayPass { return false }
        }
        return true
    }

    /// Makes the directory, closed to others, or verifies that the one that is there is ours and no one else can write
    /// to it: names in /tmp can be taken by anybody.
    func claim(_ directory: String) throws(ClusterFailure) {
        if mkdir(directory, 0o700) == 0 {
            guard chown(directory, user, group) == 0 else { throw .place("\(directory) cannot be given to \(name)") }
            return
        }
        var status = stat()
        guard lstat(directory, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw .place("\(directory) cannot be made")
        }
        guard status.st_uid == user, status.st_mode & (S_IWGRP | S_IWOTH) == 0 else {
            throw .place("\(directory) belongs to somebody else; remove it or set TMPDIR")
        }
    }
}
