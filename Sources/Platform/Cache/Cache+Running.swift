import Postgres

/// What keeps the cache in order beside the requests.
extension Cache {
    static let channel = "lean_cache"

    /// What PostgreSQL tells the node.
    package var subscription: Subscription {
        Subscription(Self.channel) { [self] message in
            hear(message)
        } onGap: { [self] in
            missed(on: .notify)
        } onHearing: { [self] hears in
            hearing.set(.notify, isOpen: hears)
        }
    }

    private func missed(on way: Hearing.Way) {
        if !hearing.isCovered(without: way) { forgetHere(.everything) }
    }

    private func hear(_ event: SharedEvent) {
        switch event {
        case .subscribed:
            missed(on: .publish)
            hearing.set(.publish, isOpen: true)
            untold.remind()
        case .message(let bytes):
            hear(String(decoding: bytes, as: UTF8.self))
        case .lost:
            untold.doubt(now: milliseconds)
            hearing.set(.publish, isOpen: false)
            missed(on: .publish)
        }
    }

    /// Sweeps the memory, tells the others, and notices when Redis goes and comes back; until the task is cancelled.
    /// Then it tells what was forgotten last.
    package func run(on platform: Database) async {
        let heard = shared?.store.subscribe(to: Self.channel) { [self] in hear($0) }
        let notify: @Sendable ([String]) async throws -> Void = { messages in
            _ = try await platform.batch(messages.map { "select pg_notify(\(Self.channel), \($0))" })
        }
        let publish: @Sendable ([String]) async throws -> Void = { [shared] messages in
            guard let shared else { return }
            for message in messages {
                try await shared.store.publish(Array(message.utf8), to: Self.channel)
            }
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in await sweep() }
            group.addTask { [self] in await notified.run(notify) }
            if let shared {
                group.addTask { [self] in await published?.run(publish) }
                group.addTask { [self] in await watch(shared.store) }
                group.addTask { [self] in await keepTelling(shared.store) }
            }
            await group.waitForAll()
        }
        heard?.cancel()
        await finish(notify, publish)
    }

    /// One way is enough: a node hears on both.
    private func finish(
        _ notify: @escaping @Sendable ([String]) async throws -> Void,
        _ publish: @escaping @Sendable ([String]) async throws -> Void
    ) async {
        do {
            try await notified.finish(notify)
            try await published?.finish(publish)
        } catch {
            log.warning("what was forgotten last is not told to the other nodes", metadata: ["cause": "\(error)"])
        }
    }

    private func sweep() async {
        while !Task.isCancelled {
            do { try await Task.sleep(for: settings.checkPeriod) } catch { return }
            memory.sweep(now: milliseconds)
            untold.sweep(now: milliseconds)
        }
    }

    /// Says once that Redis is gone, and once that it is back.
    private func watch(_ store: any SharedStore) async {
        var wasReachable = true
        for await isReachable in store.reachability() {
            if isReachable { untold.remind() } else { untold.doubt(now: milliseconds) }
            guard isReachable != wasReachable else { continue }
            wasReachable = isReachable
            events.emit(isReachable ? .cacheRestored : .cacheAlone, ["untold": "\(untold.count)"], log: log)
        }
    }

    /// Redis is told what it missed as soon as it is back. One that answers and refuses is asked again, less and less
    /// often.
    private func keepTelling(_ store: any SharedStore) async {
        for await _ in untold.reminders {
            var pause: Duration = .milliseconds(20)
            while await !tellUntold(), store.isReachable {
                do { try await Task.sleep(for: pause) } catch { return }
                pause = min(pause * 2, .seconds(5))
            }
        }
    }
}

extension Event {
    public static let cacheAlone = Event(
        "cache.alone", "Redis is gone: this node remembers by itself", at: .error)
    public static let cacheRestored = Event(
        "cache.restored", "Redis is back: what it missed is told to it", at: .notice)
}
