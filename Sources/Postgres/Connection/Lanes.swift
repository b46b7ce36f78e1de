#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// How many batches run at the same time, however many connections are open.
///
/// A server on our own machine shares the processors with us: two backends on two cores answer a quarter more than six, whose
/// working sets drive each other out of the processor's caches. A batch that takes long (it waits for a lock, for the disk, or
/// reads much) stops counting, so that nobody queues behind it. A server elsewhere is waited for by the network's time, and as
/// many batches may be on their way as there are connections.
struct Lanes: Sendable {
    let limit: Int
    /// What runs longer keeps nobody else from starting.
    static let slow: Duration = .milliseconds(2)

    init(_ settings: DatabaseSettings) {
        limit =
            Self.isHere(settings.url) ? max(2, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) : settings.maximumConnections
    }

    private static func isHere(_ url: String) -> Bool {
        Link.hosts(url).allSatisfy { host in
            host.isEmpty || host.hasPrefix("/") || host == "localhost" || host == "::1" || host.hasPrefix("127.")
        }
    }
}
