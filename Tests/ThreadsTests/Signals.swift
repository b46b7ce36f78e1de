import Synchronization
import Testing

@testable import Threads

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Closed until opened, once. Threads block at it, a task suspends.
final class Gate: Sendable {
    private let monitor = Monitor(false)
    private let stream: AsyncStream<Void>
    private let opened: AsyncStream<Void>.Continuation

    init() {
        (stream, opened) = AsyncStream.makeStream()
    }

    func open() {
        monitor.withLock { $0 = true }
        monitor.wakeAll()
        opened.finish()
    }

    func pass() {
        monitor.wait { isOpen in isOpen ? () : nil }
    }

    /// Opens this gate, then waits for the other.
    func meets(_ other: Gate) {
        open()
        other.pass()
    }

    func passed() async {
        for await _ in stream {}
    }
}

/// A job that runs and holds one thread of the pool until its gate opens.
struct Busy {
    let gate = Gate()
    let task: Task<Void, any Error>

    init(_ pool: BlockingPool) async {
        let begun = Gate()
        task = Task { [gate] in
            try await pool.run {
                begun.open()
                gate.pass()
            }
        }
        await begun.passed()
    }
}

extension BlockingPool {
    /// Suspends until so many jobs wait; the suite's time limit ends it otherwise.
    func reaches(waiting count: Int) async {
        while waiting != count { await Task.yield() }
    }
}

/// The most that were inside at once.
final class Gauge: Sendable {
    private let counts = Mutex((now: 0, most: 0))

    var most: Int { counts.withLock { $0.most } }

    func during<T>(_ work: () -> T) -> T {
        counts.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
        defer { counts.withLock { $0.now -= 1 } }
        return work()
    }
}

/// What the system says of the thread that asks.
struct CurrentThread: Sendable {
    let name: String
    let niceness: Int

    init() {
        var buffer = [CChar](repeating: 0, count: 64)
        #if canImport(Glibc)
        let file = open("/proc/thread-self/comm", O_RDONLY)
        let count = read(file, &buffer, buffer.count)
        close(file)
        name = String(decoding: buffer.prefix(max(0, count - 1)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        niceness = Int(getpriority(Int32(PRIO_PROCESS.rawValue), 0))
        #else
        pthread_getname_np(pthread_self(), &buffer, buffer.count)
        name = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        niceness = Int.max
        #endif
    }
}

/// Opens a gate when the thread that asked for it ends.
enum ThreadEnd {
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key) { held in
            #if canImport(Glibc)
            guard let held else { return }
            #endif
            Unmanaged<Gate>.fromOpaque(held).takeRetainedValue().open()
        }
        return key
    }()

    static func notify(_ gate: Gate) {
        pthread_setspecific(key, Unmanaged.passRetained(gate).toOpaque())
    }
}
