/// What keeps the limits in order beside the requests.
extension Limits {
    private static let sweepInterval: Duration = .seconds(30)
    /// Shorter than a node may be silent and still count.
    private static let beatInterval: Duration = .seconds(5)
    /// How often the shared store is asked while it is gone.
    private static let returnInterval: Duration = .seconds(1)
    /// What requests wait that were let in ahead, so that many are one call.
    private static let gatherInterval: Duration = .milliseconds(2)
    /// Windows in one call: Redis does nothing else while it counts them, for half a millisecond.
    private static let mostAtOnce = 128

    /// Sweeps what has ended, tells the shared store of this node and of what it let in, and notices when it is back. Until the
    /// task is cancelled.
    package func run() async {
        guard isOn else { return await untilCancelled() }
        await withDiscardingTaskGroup { group in
            group.addTask { await self.keepOrder() }
            guard self.shared != nil else { return }
            group.addTask {
                await self.arrears.tell(gathering: Self.gatherInterval) { sums in
                    for begin in stride(from: 0, to: sums.count, by: Self.mostAtOnce) {
                        await self.tell(sums[begin..<min(begin + Self.mostAtOnce, sums.count)])
                    }
                }
            }
        }
    }

    private func keepOrder() async {
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
            restore(try await shared.beat(node))
        } catch .cancelled {
            return
        } catch {
            degrade(error)
        }
    }

    /// Tells the shared store of requests that were let in ahead. What it never hears of is a hundredth of a limit at most.
    private func tell(_ sums: ArraySlice<Arrears.Sum>) async {
        let counts = await ask { shared, spell async throws(SharedStoreFailure) in
            try await shared.count(sums, reset: spell.reset)
        }
        guard let counts, let spell = degradation.spell else {
            for sum in sums { memory.hear(sum.demand, sum.cost) }
            return
        }
        for (sum, count) in zip(sums, counts) { memory.learn(count, heard: sum.cost, spell) }
    }

    private func untilCancelled() async {
        let (never, feed) = AsyncStream<Void>.makeStream()
        for await _ in never {}
        feed.finish()
    }
}
