import Threads

/// What Redis was to forget while it did not answer. Until it has, what it holds of them may be old, and is not read.
///
/// A node keeps what it forgot and what it heard that others forgot, so that none is lost with one node. It keeps it also
/// after Redis has been told: one that comes back from a copy on its disk, or a replica that takes over, may have missed what
/// the one before it had heard, and is told all of it once more.
final class Untold: Sendable {
    /// Beyond them Redis is not read until all that it may hold has ended by itself.
    static let most = 100_000
    /// Milliseconds that a word takes at most from one node to another: it is sent again every 5 s while it cannot be.
    private static let slowest: Int64 = 60_000

    fileprivate struct Waiting: Sendable {
        /// Of its latest change: an answer that was asked for before does not speak for it.
        var number: Int
        /// When all that stood in Redis before has ended by itself; milliseconds since 1970.
        var until: Int64
    }

    fileprivate struct State: Sendable {
        var waiting: [Rumours.Rumour: Waiting] = [:]
        var latest = 0
        /// How many of each scope wait: a read asks for its scope alone.
        var scopes: [CacheScope: Int] = [:]
        /// Milliseconds since 1970.
        var distrustedUntil: Int64 = 0
        /// What Redis was told, and until when a value of before may stand in a copy.
        var told: [Rumours.Rumour: Int64] = [:]
        /// The same for what there was no room for.
        var toldMoreUntil: Int64 = 0
        /// Until then a word may arrive that was sent before Redis was gone.
        var doubtedUntil: Int64 = 0
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

    /// - Parameter until: when all that stands in Redis has ended by itself; milliseconds since 1970. Until then nothing
    /// is read there if there is no room for the rumour.
    /// - Returns: the change's number, for `told`.
    @discardableResult
    func add(_ rumour: Rumours.Rumour, until: Int64) -> Int {
        state.withLock { state in
            state.add(rumour, until: until)
            return state.latest
        }
    }

    /// Up to `count` of them. They stay until `told`.
    func next(_ count: Int) -> [(rumour: Rumours.Rumour, number: Int)] {
        state.withLock { state in state.waiting.prefix(count).map { ($0.key, $0.value.number) } }
    }

    /// Redis has forgotten what changed up to that number.
    func told(_ rumour: Rumours.Rumour, _ number: Int) {
        state.withLock { state in
            guard let scope = rumour.scope, let latest = state.waiting[rumour], latest.number <= number else { return }
            state.waiting[rumour] = nil
            state.keep(rumour, until: latest.until)
            let left = (state.scopes[scope] ?? 1) - 1
            state.scopes[scope] = left > 0 ? left : nil
        }
    }

    /// Another node forgot it, and told Redis: the one that was there then. Shortly after a doubt that may be another, which
    /// is told once more, by each node once: what it then tells the others does not begin anew.
    ///
    /// - Returns: whether Redis is to be told.
    func heard(_ rumour: Rumours.Rumour, until: Int64, now: Int64) -> Bool {
        state.withLock { state in
            guard now < state.doubtedUntil, state.told[rumour] == nil else {
                state.keep(rumour, until: until)
                return false
            }
            state.add(rumour, until: until)
            return true
        }
    }

    /// Redis is gone, and what comes back may be older: what it was told is to be told to it once more.
    func doubt(now: Int64) {
        state.withLock { state in
            state.distrustedUntil = max(state.distrustedUntil, state.toldMoreUntil)
            for (rumour, until) in state.told where until > now { state.add(rumour, until: until) }
            state.told = [:]
            state.doubtedUntil = now + Untold.slowest
        }
    }

    func sweep(now: Int64) {
        state.withLock { state in state.told = state.told.filter { $0.value > now } }
    }

    var count: Int { state.withLock { $0.waiting.count } }

    /// How many Redis would be told once more.
    var kept: Int { state.withLock { $0.told.count } }
}

extension Untold.State {
    fileprivate mutating func add(_ rumour: Rumours.Rumour, until: Int64) {
        latest += 1
        let before = waiting[rumour]
        guard let scope = rumour.scope, waiting.count < Untold.most || before != nil else {
            distrustedUntil = max(distrustedUntil, until)
            return
        }
        waiting[rumour] = Untold.Waiting(number: latest, until: max(until, before?.until ?? until))
        if before == nil { scopes[scope, default: 0] += 1 }
    }

    fileprivate mutating func keep(_ rumour: Rumours.Rumour, until: Int64) {
        if rumour.scope != nil, told.count < Untold.most || told[rumour] != nil {
            told[rumour] = until
        } else {
            toldMoreUntil = max(toldMoreUntil, until)
        }
    }
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
