import Threads

/// What Redis was to forget while it did not answer. Until it has, what it holds of them may be old, and is not read.
///
/// A node keeps what it forgot and what it heard that others forgot, so that none is lost with one node.
final class Untold: Sendable {
    /// Beyond them Redis is not read until all that it may hold has ended by itself.
    static let most = 100_000

    private struct State: Sendable {
        /// Each with the number of its latest change: an answer that was asked for before does not speak for it.
        var waiting: [Rumours.Rumour: Int] = [:]
        var latest = 0
        /// How many of each scope wait: a read asks for its scope alone.
        var scopes: [CacheScope: Int] = [:]
        /// Milliseconds since 1970.
        var distrustedUntil: Int64 = 0
    }

    private let state = Locked(State())
    /// When it is time to try again.
    let reminders: AsyncStream<Void>
    private let feed: AsyncStream<Void>.Continuation

    init() {
        (reminders, feed) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func remind() { feed.yield() }

    /// Whether what Redis holds of the scope may be older than what was forgotten.
    func covers(_ scope: CacheScope, now: Int64) -> Bool {
        state.withLock { $0.scopes[scope] != nil || $0.distrustedUntil > now }
    }

    /// - Parameter distrust: until when nothing of Redis is read if there is no room; milliseconds since 1970.
    /// - Returns: the change's number, for `told`.
    @discardableResult
    func add(_ rumour: Rumours.Rumour, distrust: Int64) -> Int {
        state.withLock { state in
            state.latest += 1
            guard let scope = rumour.scope, state.waiting.count < Self.most || state.waiting[rumour] != nil else {
                state.distrustedUntil = max(state.distrustedUntil, distrust)
                return state.latest
            }
            if state.waiting.updateValue(state.latest, forKey: rumour) == nil { state.scopes[scope, default: 0] += 1 }
            return state.latest
        }
    }

    /// Up to `count` of them. They stay until `told`.
    func next(_ count: Int) -> [(rumour: Rumours.Rumour, number: Int)] {
        state.withLock { state in state.waiting.prefix(count).map { ($0.key, $0.value) } }
    }

    /// Redis has forgotten what changed up to that number.
    func told(_ rumour: Rumours.Rumour, _ number: Int) {
        state.withLock { state in
            guard let scope = rumour.scope, let latest = state.waiting[rumour], latest <= number else { return }
            state.waiting[rumour] = nil
            let left = (state.scopes[scope] ?? 1) - 1
            state.scopes[scope] = left > 0 ? left : nil
        }
    }

    var count: Int { state.withLock { $0.waiting.count } }
}

extension Rumours.Rumour {
    /// Nil for everything.
    var scope: CacheScope? {
        switch self {
        case .value(let scope, _), .scope(let scope): scope
        case .everything: nil
        }
    }
}
