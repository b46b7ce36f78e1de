#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What `postmaster.pid` says of a cluster. Source: PostgreSQL, src/include/utils/pidfile.h.
struct Postmaster: Sendable {
    let id: pid_t
    let isReady: Bool
    /// The directory that its socket is in; nil before it has one.
    let sockets: String?
    /// System V's id of the memory that the server's processes share.
    private let memory: Int32?

    /// Nil when there is no such file or it is half written.
    init?(data directory: String) {
        guard let bytes = FileManager.default.contents(atPath: directory + "/postmaster.pid") else { return nil }
        let lines = String(decoding: bytes, as: UTF8.self).split(
            omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        guard let first = lines.first, let id = pid_t(first), id > 0 else { return nil }
        self.id = id
        memory = lines.count > 6 ? lines[6].split(separator: " ").last.flatMap { Int32($0) } : nil
        sockets = lines.count > 4 && !lines[4].isEmpty ? String(lines[4]) : nil
        isReady = lines.count > 7 && lines[7].hasPrefix("ready")
    }

    /// Whether that process is alive and really is the server of this directory: after kill -9 the file stays, and its
    /// number may since be another program's.
    func serves(_ data: String) -> Bool {
        guard kill(id, 0) == 0 || errno == EPERM else { return false }
        #if os(Linux)
        var buffer = [CChar](repeating: 0, count: 4_096)
        let length = readlink("/proc/\(id)/cwd", &buffer, buffer.count - 1)
        guard length > 0 else { return false }
        let directory = String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return directory == data || directory == Self.resolved(data)
        #else
        return true
        #endif
    }

    /// Whether a process is attached to its memory. The children of a server that was killed hold it until they have noticed,
    /// which takes as long as they get no processor, and PostgreSQL refuses to start meanwhile.
    var isMemoryHeld: Bool {
        guard let memory else { return false }
        var status = shmid_ds()
        return shmctl(memory, IPC_STAT, &status) == 0 && status.shm_nattch > 0
    }

    private static func resolved(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }
}
