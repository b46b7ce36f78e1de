import Codecs
import NIOCore
import Platform

/// A command on its way, and who waits for its answer.
///
/// `@unchecked Sendable`: what changes is touched on the event loop of its `RedisServer` only; whoever makes one hands it
/// over through that server's locked inbox and keeps no more than the right to ask that it be cancelled.
final class PendingCommand: @unchecked Sendable {
    typealias Completion = @Sendable (Result<RESPValue, SharedStoreFailure>) -> Void

    let bytes: [UInt8]
    let made: NIODeadline
    let deadline: NIODeadline
    /// Whether it may be sent again when its answer was lost.
    let isRepeatable: Bool
    /// Answers that stand before its own: ASKING's.
    let skips: Int
    /// Whether it takes a place in its server's queue; questions of our own do not.
    let isCounted: Bool
    var attempts = 0
    var sent: NIODeadline?
    private var completion: Completion?
    private(set) var isFinished = false

    init(
        _ bytes: [UInt8], made: NIODeadline = .now(), deadline: NIODeadline, isRepeatable: Bool, skips: Int = 0,
        isCounted: Bool = false, completion: Completion? = nil
    ) {
        self.bytes = bytes
        self.made = made
        self.deadline = deadline
        self.isRepeatable = isRepeatable
        self.skips = skips
        self.isCounted = isCounted
        self.completion = completion
    }

    /// Tells whoever waits; the second time nobody does.
    func finish(_ result: Result<RESPValue, SharedStoreFailure>) {
        isFinished = true
        completion?(result)
        completion = nil
    }

    /// Once, before anything else: unless it was cancelled by then.
    func wait(_ completion: @escaping Completion) {
        if isFinished { completion(.failure(.cancelled)) } else { self.completion = completion }
    }
}
