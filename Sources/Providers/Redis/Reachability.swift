import Synchronization
import Threads

/// Whether a server answers, as many threads read it and one tells.
final class Reachability: Sendable {
    private let current = Atomic<Bool>(true)
    private let hearers = Locked<Hearers>(Hearers())

    private struct Hearers: Sendable {
        var next = 0
        var streams: [Int: AsyncStream<Bool>.Continuation] = [:]
        var isClosed = false
    }

    /// True before anything was asked.
    var isReachable: Bool { current.load(ordering: .relaxed) }

    /// Returns whether that is news.
    @discardableResult
    func set(_ isReachable: Bool) -> Bool {
        guard current.exchange(isReachable, ordering: .relaxed) != isReachable else { return false }
        hearers.withLock { hearers in
            for stream in hearers.streams.values { stream.yield(isReachable) }
        }
        return true
    }

    func stream() -> AsyncStream<Bool> {
        let (stream, continuation) = AsyncStream<Bool>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let id: Int? = hearers.withLock { hearers in
            guard !hearers.isClosed else { return nil }
            hearers.next += 1
            hearers.streams[hearers.next] = continuation
            // Inside the lock, or a change could be overtaken by what it changed.
            continuation.yield(isReachable)
            return hearers.next
        }
        guard let id else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            self?.hearers.withLock { $0.streams[id] = nil }
        }
        return stream
    }

    /// Ends all streams.
    func close() {
        let streams = hearers.withLock { hearers in
            hearers.isClosed = true
            defer { hearers.streams = [:] }
            return Array(hearers.streams.values)
        }
        for stream in streams { stream.finish() }
    }
}
