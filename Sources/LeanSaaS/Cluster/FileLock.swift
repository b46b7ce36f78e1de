#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A lock on a file, held by this process until it lets go or ends, however it ends.
final class FileLock: Sendable {
    private let descriptor: Int32

    init(_ path: String) throws(ClusterFailure) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .place("\(path) cannot be written") }
    }

    deinit {
        close(descriptor)
    }

    /// For this process alone. False when another holds it.
    func tryExclusive() -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 }

    /// Together with others. False when one holds it alone.
    func tryShared() -> Bool { flock(descriptor, LOCK_SH | LOCK_NB) == 0 }

    func release() {
        flock(descriptor, LOCK_UN)
    }
}
