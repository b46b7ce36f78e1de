import Codecs
import Crypto

/// What all nodes share and any may lose: Redis, by its commands that limits and cache need.
///
/// Nothing in it is the only copy. Whoever uses it says what happens without it, and asks `isReachable` first: that costs
/// one atomic read. Keys and channels get the prefix of REDIS_KEY_PREFIX here; callers name them without it.
///
/// Every call ends within its deadline, REDIS_COMMAND_TIMEOUT unless told otherwise. A server that hangs costs the calls
/// under way that one deadline; all later ones are refused at once until a probe in the background is answered.
///
/// It stands here because an import only points down: `Providers` has the two that implement it, for one server (found by
/// its address or by Sentinels) and for a cluster.
public protocol SharedStore: Sendable {
    /// Whether the last that was heard of it was good. True before anything was asked.
    var isReachable: Bool { get }

    /// Whether keys stand in slots, as on a cluster: a script's must then all be of one.
    var isClustered: Bool { get }

    /// `isReachable` as it is now, and each time that it changes. A slow reader misses all but the newest.
    func reachability() -> AsyncStream<Bool>

    /// Runs a script on the server, by its hash; a server that does not know it is sent the text.
    ///
    /// - Parameters:
    ///   - keys: all keys that it touches. On a cluster they stand in one slot: give them a common `{tag}`.
    ///   - deadline: from now; nil: REDIS_COMMAND_TIMEOUT.
    /// - Returns: what the script returned, never `.error`.
    func evaluate(
        _ script: SharedScript, keys: [String], arguments: [SharedArgument], within deadline: Duration?
    ) async throws(SharedStoreFailure) -> RESPValue

    /// The value, or nil when there is none.
    func get(_ key: String, within deadline: Duration?) async throws(SharedStoreFailure) -> [UInt8]?

    /// - Parameter expiry: 1 ms or more; there is no value without one.
    func set(
        _ key: String, to value: [UInt8], expiringAfter expiry: Duration, within deadline: Duration?
    ) async throws(SharedStoreFailure)

    /// How many of the keys there were.
    @discardableResult
    func delete(_ keys: [String], within deadline: Duration?) async throws(SharedStoreFailure) -> Int

    /// Tells all nodes that listen now. Who does not listen now never hears of it.
    func publish(
        _ payload: [UInt8], to channel: String, within deadline: Duration?
    ) async throws(SharedStoreFailure)

    /// Hears a channel until the subscription is cancelled, across lost connections.
    ///
    /// - Parameter hear: called on the store's own thread and in order: it forgets or leaves a note, and never waits.
    func subscribe(
        to channel: String, _ hear: @escaping @Sendable (SharedEvent) -> Void
    ) -> SharedSubscription

    /// Asks the server for an answer. Refused at once while it counts as lost: the probe in the background asks then.
    func ping(within deadline: Duration) async throws(SharedStoreFailure)
}

extension SharedStore {
    public var isClustered: Bool { false }

    public func get(_ key: String) async throws(SharedStoreFailure) -> [UInt8]? {
        try await get(key, within: nil)
    }

    public func set(
        _ key: String, to value: [UInt8], expiringAfter expiry: Duration
    ) async throws(SharedStoreFailure) {
        try await set(key, to: value, expiringAfter: expiry, within: nil)
    }

    @discardableResult
    public func delete(_ keys: [String]) async throws(SharedStoreFailure) -> Int {
        try await delete(keys, within: nil)
    }

    public func publish(_ payload: [UInt8], to channel: String) async throws(SharedStoreFailure) {
        try await publish(payload, to: channel, within: nil)
    }

    public func evaluate(
        _ script: SharedScript, keys: [String], arguments: [SharedArgument] = []
    ) async throws(SharedStoreFailure) -> RESPValue {
        try await evaluate(script, keys: keys, arguments: arguments, within: nil)
    }
}

/// A Lua script, and the name under which a server remembers it.
public struct SharedScript: Sendable, Hashable {
    public let text: String
    /// SHA-1 in lower-case hex: EVALSHA's name of it, no proof of anything.
    public let hash: String
    /// Whether running it twice does what running it once does: only then is it repeated after an answer that was lost.
    public let isRepeatable: Bool

    public init(_ text: String, isRepeatable: Bool = false) {
        self.text = text
        self.isRepeatable = isRepeatable
        hash = Hex.encode(Array(Insecure.SHA1.hash(data: Array(text.utf8))))
    }
}

/// An argument of a script. All arrive as strings; `tonumber` makes numbers of them.
public typealias SharedArgument = RESPArgument

/// What is heard of a channel.
public enum SharedEvent: Sendable, Hashable {
    /// From here on every message is heard. What was said before, since `lost` or ever, was not.
    case subscribed
    case message([UInt8])
    /// Messages may be missed until `subscribed` comes again.
    case lost
}

/// Ends a subscription. Letting go of it does not.
public struct SharedSubscription: Sendable {
    private let end: @Sendable () -> Void

    package init(_ end: @escaping @Sendable () -> Void) {
        self.end = end
    }

    /// Nothing is heard after it, but for what is being told at this moment.
    public func cancel() { end() }
}

/// Why the shared store gave no answer. None of them is a client's fault, and each has a way on without the store.
public enum SharedStoreFailure: Error, Sendable, Hashable {
    /// It counts as lost, could not be connected to, or says that it is not the one to ask now: nothing was run.
    case unreachable
    /// As many commands wait as may: nothing was sent.
    case busy
    /// No answer in time. `mayHaveRun` is false when it was never sent.
    case deadline(mayHaveRun: Bool)
    /// The connection went while the answer was awaited: the command may have run.
    case connectionLost
    /// The server refused this command: a missing right, a full memory, a script's mistake.
    case refused(RESPError)
    /// An answer of a shape that the command does not have.
    case unexpected
    /// The task was cancelled; the command may have run.
    case cancelled
}

extension Event {
    public static let sharedStoreLost = Event(
        "redis.lost", "Redis does not answer: what all nodes share is counted by each", at: .warning)
    public static let sharedStoreBack = Event("redis.back", "Redis answers again", at: .notice)
}
