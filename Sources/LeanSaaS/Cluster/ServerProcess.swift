import CPosix
import Threads

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A child process that runs as the server's user, reaped when it ends.
package final class ServerProcess: Sendable {
    package let id: pid_t
    private let status = Locked<Int32?>(nil)

    /// - Throws: `ClusterFailure.start` when the program cannot be executed.
    package init(_ program: String, _ arguments: [String], as user: ServerUser, log: String) throws(ClusterFailure) {
        let descriptor = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .start("\(log) cannot be written") }
        defer { close(descriptor) }
        let started = Self.withCStrings([program] + arguments) { arguments in
            Self.withCStrings(["LC_ALL=C.UTF-8", "PATH=/usr/bin:/bin", "TZ=UTC"]) { environment in
                cposix_spawn_as(program, arguments, environment, user.user, user.group, descriptor)
            }
        }
        guard started > 0 else { throw .start("\(program): \(String(cString: strerror(-started)))") }
        id = started
        do {
            try NamedThread.start("lean-reaper") { [self] in
                var code: Int32 = 0
                while waitpid(id, &code, 0) < 0, errno == EINTR {}
                status.withLock { $0 = code }
            }
        } catch {
            throw .start("the system gives no thread: errno \(error.code)")
        }
    }

    /// The wait status once it has ended; nil while it runs.
    package var ended: Int32? { status.withLock { $0 } }

    private static func withCStrings<Value>(
        _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Value
    ) -> Value {
        var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
        pointers.append(nil)
        defer { for pointer in pointers { free(pointer) } }
        return pointers.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure("the list ends with a null") }
            return body(base)
        }
    }
}
