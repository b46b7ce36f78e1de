import CPosix

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The system gave no thread; `code` is its errno.
package struct ThreadNotStarted: Error {
    package let code: Int32
}

/// An operating system thread of our own, for work that blocks and so has no place on the cooperative pool.
package enum NamedThread {
    /// Starts a detached thread that ends when `body` returns. The system's tools show the name's first 15 bytes.
    /// - Parameter niceness: 0...19, how far it steps back behind other threads. Linux only; elsewhere 0 counts.
    package static func start(
        _ name: String, niceness: Int = 0, body: @escaping @Sendable () -> Void
    ) throws(ThreadNotStarted) {
        precondition((0...19).contains(niceness), "raising a thread's priority needs a privilege that we do without")
        let start = Unmanaged.passRetained(Start(name: name, niceness: niceness, body: body))
        #if canImport(Darwin)
        var thread: pthread_t?
        let code = pthread_create(&thread, nil, { enter($0) }, start.toOpaque())
        #else
        var thread = pthread_t()
        let code = pthread_create(&thread, nil, { enter($0) }, start.toOpaque())
        #endif
        guard code == 0 else {
            start.release()
            throw ThreadNotStarted(code: code)
        }
        #if canImport(Darwin)
        if let thread { pthread_detach(thread) }
        #else
        pthread_detach(thread)
        #endif
    }
}

private final class Start: Sendable {
    let name: String
    let niceness: Int
    let body: @Sendable () -> Void

    init(name: String, niceness: Int, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.niceness = niceness
        self.body = body
    }
}

private func enter(_ start: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let start else { return nil }
    let thread = Unmanaged<Start>.fromOpaque(start).takeRetainedValue()
    nameThisThread(String(decoding: thread.name.utf8.prefix(15), as: UTF8.self))
    #if os(Linux)
    // On Linux a niceness belongs to the thread. It fails only where the process is nicer already, which will do.
    _ = setpriority(Int32(PRIO_PROCESS.rawValue), id_t(cposix_gettid()), Int32(thread.niceness))
    #endif
    thread.body()
    return nil
}

/// A thread without a name works as well, so failing to name it is nobody's concern.
private func nameThisThread(_ name: String) {
    #if canImport(Darwin)
    pthread_setname_np(name)
    #else
    // What pthread_setname_np does; Glibc shows that one to Swift only under _GNU_SOURCE.
    let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    write(file, name, name.utf8.count)
    close(file)
    #endif
}
