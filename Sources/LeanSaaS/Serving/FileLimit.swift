#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Every connection is a descriptor: the soft limit (often 1024) is raised to the hard one.
enum FileLimit {
    static func raise() {
        var limit = rlimit()
        #if canImport(Glibc)
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
        let resource = RLIMIT_NOFILE
        #endif
        guard getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = min(limit.rlim_max, 1_048_576)
        _ = setrlimit(resource, &limit)
    }

    /// Most connections that there are descriptors for, beside those of the database, logs and files.
    static var connections: Int {
        let spare = 256
        let most = sysconf(Int32(_SC_OPEN_MAX))
        return most < 0 ? Int.max : max(16, most - spare)
    }
}
