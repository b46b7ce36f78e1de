/// What keeps the limits in order beside the requests.
extension Limits {
    private static let sweepInterval: Duration = .seconds(30)
    /// Shorter than a node may be silent and still count.
    private static let beatInterval: Duration = .seconds(5)
    /// How often the shared store is asked while it is gone.
    private static let returnInterval: Duration = .seconds(1)

    /// Sweeps what has ended, says that this node is there, and notices when the shared store is back. Until the task is
    /// cancelled.
    package func run() async {
        guard isOn else { return await untilCancelled() }
        var sweptAt = ContinuousClock.now
        while !Task.isCancelled {
            await beat()
            if ContinuousClock.now - sweptAt >= Self.sweepInterval {
                memory.sweep(now: now)
                sweptAt = .now
            }
            let pause = shared != nil && degradation.isAlone ? Self.returnInterval : Self.beatInterval
            do { try await Task.sleep(for: pause) } catch { return }
        }
    }

    /// Tells the shared store of this node and hears how many there are.
    func beat() async {
        guard let shared else { return }
        do {
            let (nodes, reset) = try await shared.beat(node)
            restore(nodes: nodes, reset: reset)
        } catch .cancelled {
            return
        } catch {
            degrade(error)
        }
    }

    private func untilCancelled() async {
        let (never, feed) = AsyncStream<Void>.makeStream()
        for await _ in never {}
        feed.finish()
    }
}
