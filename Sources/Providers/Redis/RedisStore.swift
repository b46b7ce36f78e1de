import Codecs
import NIOCore
import Platform

/// A `SharedStore` on Redis, with what the wiring asks of it besides.
package protocol RedisStore: SharedStore {
    var options: RedisOptions { get }
    /// Of each server, by its address.
    var figures: [(server: String, RedisFigures)] { get }

    /// Connects now rather than with the first command.
    func start()
    /// Ends connections and subscriptions. Later commands are refused.
    func shutDown() async

    /// - Parameters:
    ///   - key: the first that the command touches, with its prefix; nil: any server will do.
    ///   - isRepeatable: whether running it twice does what running it once does.
    func send(
        _ command: [RESPArgument], key: String?, within deadline: Duration?, isRepeatable: Bool
    ) async throws(SharedStoreFailure) -> RESPValue
}

extension RedisStore {
    public func evaluate(
        _ script: SharedScript, keys: [String], arguments: [SharedArgument], within deadline: Duration?
    ) async throws(SharedStoreFailure) -> RESPValue {
        let begun = ContinuousClock.now
        let keys = keys.map { options.keyPrefix + $0 }
        let rest = [.integer(keys.count)] + keys.map { SharedArgument.text($0) } + arguments
        do {
            return try await send(
                ["evalsha", .text(script.hash)] + rest, key: keys.first, within: deadline,
                isRepeatable: script.isRepeatable)
        } catch .refused(let error) where error.code == "NOSCRIPT" {
            // It did not run, so it may be sent again: with its text, which the server then remembers.
            let left = (deadline ?? options.commandTimeout) - (ContinuousClock.now - begun)
            return try await send(
                ["eval", .text(script.text)] + rest, key: keys.first, within: left, isRepeatable: script.isRepeatable)
        }
    }

    public func get(_ key: String, within deadline: Duration?) async throws(SharedStoreFailure) -> [UInt8]? {
        let key = options.keyPrefix + key
        switch try await send(["get", .text(key)], key: key, within: deadline, isRepeatable: true) {
        case .null: return nil
        case .bulk(let bytes): return bytes
        default: throw .unexpected
        }
    }

    public func set(
        _ key: String, to value: [UInt8], expiringAfter expiry: Duration, within deadline: Duration?
    ) async throws(SharedStoreFailure) {
        let key = options.keyPrefix + key
        let milliseconds = max(1, Int(TimeAmount(expiry).nanoseconds / 1_000_000))
        let answer = try await send(
            ["set", .text(key), .bytes(value), "px", .integer(milliseconds)], key: key, within: deadline,
            isRepeatable: true)
        guard answer.text == "OK" else { throw .unexpected }
    }

    public func publish(
        _ payload: [UInt8], to channel: String, within deadline: Duration?
    ) async throws(SharedStoreFailure) {
        let answer = try await send(
            ["publish", .text(options.keyPrefix + channel), .bytes(payload)], key: nil, within: deadline,
            isRepeatable: false)
        guard answer.integer != nil else { throw .unexpected }
    }

    public func ping(within deadline: Duration) async throws(SharedStoreFailure) {
        let answer = try await send(["ping"], key: nil, within: deadline, isRepeatable: true)
        guard answer.text == "PONG" else { throw .unexpected }
    }
}

extension RESPError {
    /// A refusal that says: not now, and not me. The command did not run.
    var isPassing: Bool { ["READONLY", "LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN"].contains(code) }
}
