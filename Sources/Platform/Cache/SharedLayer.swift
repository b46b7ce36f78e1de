import Codecs

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What all nodes remember together, in Redis. Nothing in it is the only copy, and whatever is wrong with it is a miss.
///
/// Each scope has a generation, which changes when the scope is forgotten: a value that was read before and arrives
/// after is not written, whichever node sends it.
struct SharedLayer: Sendable {
    let store: any SharedStore
    let envelope: CacheEnvelope
    /// Told of each command that came to nothing.
    private let onFailure: @Sendable (SharedStoreFailure) -> Void

    init(
        _ store: any SharedStore, secret: Secret, onFailure: @escaping @Sendable (SharedStoreFailure) -> Void = { _ in }
    ) {
        self.store = store
        envelope = CacheEnvelope(secret)
        self.onFailure = onFailure
    }

    /// What was found, and the scope's generation at that moment.
    enum Found: Sendable, Equatable {
        case value([UInt8], left: Duration, generation: String)
        /// It is known that there is none.
        case absent(left: Duration, generation: String)
        case nothing(generation: String)

        var generation: String {
            switch self {
            case .value(_, _, let generation), .absent(_, let generation), .nothing(let generation): generation
            }
        }

        var isHit: Bool { if case .nothing = self { false } else { true } }
    }

    /// How long a generation is remembered: longer than any load may take.
    private static let generationMilliseconds = 120_000

    private static let reading = SharedScript(
        "return { redis.call('GET', KEYS[1]), redis.call('PTTL', KEYS[1]), redis.call('GET', KEYS[2]) }",
        isRepeatable: true)

    private static let writing = SharedScript(
        """
        if (redis.call('GET', KEYS[2]) or '') ~= ARGV[3] then return 0 end
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        redis.call('SADD', KEYS[3], KEYS[1])
        if redis.call('PTTL', KEYS[3]) < tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[3], ARGV[2]) end
        return 1
        """, isRepeatable: true)

    /// A generation is a word of the caller's own, so that repeating it changes nothing.
    private static let forgettingAll = SharedScript(
        """
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        local members = redis.call('SMEMBERS', KEYS[2])
        for first = 1, #members, 500 do
            redis.call('UNLINK', unpack(members, first, math.min(first + 499, #members)))
        end
        redis.call('UNLINK', KEYS[2])
        return #members
        """, isRepeatable: true)

    private static let forgettingOne = SharedScript(
        """
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        return redis.call('UNLINK', KEYS[2])
        """, isRepeatable: true)

    /// Nil when the store does not answer.
    func read(_ name: CacheID.SharedName) async -> Found? {
        let answer = await evaluate(Self.reading, keys: [name.value, name.generation])
        guard let parts = answer?.elements, parts.count == 3 else { return nil }
        let generation = parts[2].bytes.map { String(decoding: $0, as: UTF8.self) } ?? ""
        guard let bytes = parts[0].bytes, let left = parts[1].integer, left > 0 else {
            return .nothing(generation: generation)
        }
        switch envelope.open(bytes, as: name.value) {
        case .value(let bytes): return .value(bytes, left: .milliseconds(left), generation: generation)
        case .absent: return .absent(left: .milliseconds(left), generation: generation)
        case nil: return .nothing(generation: generation)
        }
    }

    /// Nil bytes: that there is none. A store that does not answer remembers nothing.
    func write(_ bytes: [UInt8]?, to name: CacheID.SharedName, for ttl: Duration, readAt generation: String) async {
        _ = await evaluate(
            Self.writing, keys: [name.value, name.generation, name.members],
            arguments: [
                .bytes(envelope.seal(bytes, as: name.value)), .integer(max(1, Int(ttl.milliseconds))),
                .text(generation),
            ])
    }

    /// Forgets a value, or all of a scope.
    ///
    /// - Returns: whether it is forgotten. False: the store could not be told, and may hold what it held.
    func forget(_ rumour: Rumours.Rumour) async -> Bool {
        let generation = String(UInt64.random(in: .min ... .max), radix: 36)
        let arguments: [SharedArgument] = [.text(generation), .integer(Self.generationMilliseconds)]
        let answer: RESPValue?
        switch rumour {
        case .value(let scope, let key):
            let name = CacheID.SharedName(scope: CacheID.hash(scope.text), key: key)
            answer = await evaluate(Self.forgettingOne, keys: [name.generation, name.value], arguments: arguments)
        case .scope(let scope):
            let name = CacheID.SharedName(scope: CacheID.hash(scope.text), key: "")
            answer = await evaluate(Self.forgettingAll, keys: [name.generation, name.members], arguments: arguments)
        case .everything:
            answer = nil
        }
        return answer?.integer != nil
    }

    /// Nil when the store gives no answer within REDIS_COMMAND_TIMEOUT, which costs nothing while it counts as lost: a
    /// server that takes longer is no help, as the database answers sooner.
    private func evaluate(
        _ script: SharedScript, keys: [String], arguments: [SharedArgument] = []
    ) async -> RESPValue? {
        guard store.isReachable else { return nil }
        do {
            return try await store.evaluate(script, keys: keys, arguments: arguments, within: nil)
        } catch .cancelled {
            return nil
        } catch {
            onFailure(error)
            return nil
        }
    }
}
