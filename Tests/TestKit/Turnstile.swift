/// Holds whoever passes until the test lets one through: for what must happen between two steps.
package actor Turnstile {
    private var held: [CheckedContinuation<Void, Never>] = []
    private var watching: [CheckedContinuation<Void, Never>] = []
    /// How many have come.
    package private(set) var count = 0
    private var isOpen = false

    package init() {}

    package func pass() async {
        count += 1
        guard !isOpen else { return }
        await withCheckedContinuation { continuation in
            held.append(continuation)
            for watcher in watching { watcher.resume() }
            watching = []
        }
    }

    /// Returns when somebody is held.
    package func untilHeld() async {
        guard held.isEmpty else { return }
        await withCheckedContinuation { watching.append($0) }
    }

    package func letOneThrough() {
        if !held.isEmpty { held.removeFirst().resume() }
    }

    /// From now on nobody is held.
    package func open() {
        isOpen = true
        for continuation in held { continuation.resume() }
        held = []
    }
}
