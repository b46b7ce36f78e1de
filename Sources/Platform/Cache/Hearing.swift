import Threads

/// Whether this node hears what the others forget. Only then is its memory believed.
///
/// Whoever forgets tells on both ways, PostgreSQL's NOTIFY and Redis' channel, and tells again until it is told: so one
/// that is open is enough.
final class Hearing: Sendable {
    enum Way: Sendable { case notify, publish }

    private let open = Locked<Set<Way>>([])

    var isOpen: Bool { open.withLock { !$0.isEmpty } }

    func set(_ way: Way, isOpen: Bool) {
        open.withLock { open in
            if isOpen { open.insert(way) } else { open.remove(way) }
        }
    }

    /// Whether the other way was open while this one was not: then nothing was missed.
    func isCovered(without way: Way) -> Bool { open.withLock { !$0.subtracting([way]).isEmpty } }
}
