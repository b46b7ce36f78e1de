import Logging
import Postgres
import Threads

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The queue of jobs, which stands in PostgreSQL: written in the transactions of those who need something done, read by the
/// workers of every node. See docs/operating/jobs.md.
public final class JobQueue: Sendable {
    let settings: JobSettings
    let figures = JobFigures()
    /// What ends the workers' sleep: a signal that is already there is not given twice.
    private let bell = Bell()
    /// Whether workers run in this process and have room: others need not be told then.
    let hasRoom = Locked(false)
    /// Rings when other nodes are to be told.
    private let tellBell = Bell()
    /// The kinds that this version can do: those of another wait for it.
    public let kinds: [String]

    init(_ settings: JobSettings, kinds: [String]) {
        self.settings = settings
        self.kinds = kinds.sorted()
    }

    /// Whether this node does work beside the requests, rather than leaving it to others (JOBS_CONCURRENCY is 0).
    public var isAtWork: Bool { settings.concurrency > 0 }

    /// The most bytes of an input, as JSON.
    static let inputLimit = 65_536

    /// The statement that enqueues the job in whatever transaction it is put into: rolled back with it, kept with it. In one of
    /// `call.database` only where the kind is `openToCallers`.
    ///
    /// - Parameters:
    ///   - key: while a job of the kind with this key waits, another is the same job; at most 200 characters.
    ///   - time: not before; nil: at once.
    ///   - condition: what must hold in the transaction; else nothing is enqueued.
    /// - Throws: `EncodingError`, and `Problem` for an input above 64 KiB.
    public func enqueue<Input>(
        _ kind: JobKind<Input>, _ input: Input, key: String? = nil, at time: Date? = nil,
        where condition: SQL? = nil
    ) throws -> SQL {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let data = try encoder.encode(input)
        guard data.count <= Self.inputLimit else { throw Problem(.tooLarge, "A job's input is at most 64 KiB.") }
        let text = String(decoding: data, as: UTF8.self)
        let statement: SQL =
            kind.isOpen
            ? """
            select auth.enqueue_open_job(\(kind.name)::text, \(text)::jsonb, \(key)::text, \(time)::timestamptz)
            """
            : """
            select auth.enqueue_job(
                \(kind.name)::text, \(text)::jsonb, \(key)::text, \(kind.rules.priority)::smallint, \(time)::timestamptz)
            """
        guard let condition else { return statement.afterCommit { [self] in hasWork() } }
        // Most often nothing is enqueued: what is, is found when workers look by themselves.
        return "\(statement) where \(condition)"
    }

    /// Something was enqueued: the workers here look at once; where none has room, other nodes are told.
    public func hasWork() {
        if !hasRoom.withLock({ $0 }) { tellBell.ring() }
        bell.ring()
    }

    /// The workers here look at once.
    func ring() { bell.ring() }

    /// Until somebody rings, or so long.
    func sleep(atMost pause: Duration) async {
        await bell.wait(atMost: pause)
    }

    /// Tells other nodes that there is work when this one has no room for it, until the task is cancelled; at most every
    /// 20 ms, since a NOTIFY in each transaction would make them commit one after the other.
    func tell(_ services: Services) async {
        while !Task.isCancelled {
            await tellBell.wait(atMost: .seconds(3_600))
            guard !Task.isCancelled else { return }
            do {
                try await services.platform.run("select pg_notify('lean_jobs', '')")
                try await Task.sleep(for: .milliseconds(20))
            } catch {
                // They ask by themselves within a second.
                services.log.debug("nodes cannot be told of jobs", metadata: ["cause": "\(error)"])
            }
        }
    }

    /// Other nodes' jobs, and those of commands, are heard of by this channel.
    package var subscription: Subscription {
        Subscription("lean_jobs") { [bell] _ in
            bell.ring()
        } onGap: { [bell] in
            bell.ring()
        }
    }
}

/// How jobs are worked on.
public struct JobSettings: Sendable {
    /// Jobs that one node runs at the same time; 0: none, it only enqueues.
    public var concurrency = 8
    /// The longest that a job waits for a worker that was not told of it.
    public var poll: Duration = .seconds(1)
    /// A job whose worker has not been heard of for so long is another's.
    public var lease: Duration = .seconds(30)
    /// The longest that a node which ends waits for its running jobs; then they are given back.
    public var drain: Duration = .seconds(20)

    public init() {}

    public init(_ read: inout SettingReader) {
        read.group("Jobs")
        concurrency = read.int(
            "JOBS_CONCURRENCY", default: 8, in: 0...256,
            "Jobs that one node runs at the same time; 0: this node enqueues and leaves the work to others.")
        drain = read.milliseconds(
            "JOBS_DRAIN_TIMEOUT", default: .seconds(20), in: .seconds(0)...(.seconds(300)),
            "The longest that a node which ends waits for its running jobs; another node then begins them again.")
    }
}

/// A signal that waits for its one listener, and ends.
final class Bell: Sendable {
    private struct State {
        var isRung = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let state = Locked(State())

    func ring() {
        let waiting = state.withLock { state in
            defer { state.waiting = nil }
            state.isRung = state.waiting == nil
            return state.waiting
        }
        waiting?.resume()
    }

    func wait(atMost pause: Duration) async {
        let alarm = Task { [self] in
            do { try await Task.sleep(for: pause) } catch { return }
            ring()
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isRung = state.withLock { state in
                    guard !state.isRung, !Task.isCancelled else {
                        state.isRung = false
                        return true
                    }
                    state.waiting = continuation
                    return false
                }
                if isRung { continuation.resume() }
            }
        } onCancel: { [self] in
            ring()
        }
        alarm.cancel()
    }
}
