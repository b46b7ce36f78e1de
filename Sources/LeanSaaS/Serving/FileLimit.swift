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
}
