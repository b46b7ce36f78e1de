extension Cache {
    /// The value has changed: call it once the change is committed. This node forgets it at once, Redis before this
    /// returns, the others when they hear of it.
    ///
    /// A node that is told to remember nothing (CACHE_ENABLED=false) tells the others just the same.
    public func forget<Value: Cacheable>(_ key: CacheKey<Value>) async {
        await forget(.value(key.id.scope, key: key.id.shared.key), isShared: key.strategy.layers != .memory)
    }

    /// All that is remembered of a person, an organization or everyone has changed, or is to go.
    public func forget(_ scope: CacheScope) async {
        await forget(.scope(scope), isShared: true)
    }

    private func forget(_ rumour: Rumours.Rumour, isShared: Bool) async {
        forgetHere(rumour)
        var isMissed = false
        if isShared, let shared {
            // Before it is told, so that nobody reads there meanwhile what is about to go.
            let number = noteUntold(rumour)
            isMissed = await !shared.forget(rumour)
            if isMissed { untold.remind() } else { untold.told(rumour, number) }
        }
        // Once more: a load may have found the old value in Redis between the two.
        forgetHere(rumour)
        tell(rumour, isMissed: isMissed)
    }

    func forgetHere(_ rumour: Rumours.Rumour) {
        switch rumour {
        case .value(let scope, let key):
            let isMeant: (CacheID) -> Bool = { $0.scope == scope && $0.shared.key == key }
            flights.forget(where: isMeant)
            memory.removeAll(of: scope, where: isMeant)
        case .scope(let scope):
            flights.forget { $0.scope == scope }
            memory.removeAll(of: scope) { _ in true }
        case .everything:
            flights.forget { _ in true }
            memory.removeAll()
        }
    }

    /// Another node forgot something, and says so. What Redis has missed, whoever reaches it first tells it.
    func hear(_ message: String) {
        for (rumour, isMissed) in Rumours.read(message, besides: node) ?? [] {
            var isToBeTold = false
            if shared != nil {
                isToBeTold = isMissed || untold.heard(rumour, until: allEnded, now: milliseconds)
                if isMissed { noteUntold(rumour) }
            }
            forgetHere(rumour)
            if isToBeTold { untold.remind() }
        }
    }

    @discardableResult
    private func noteUntold(_ rumour: Rumours.Rumour) -> Int {
        untold.add(rumour, until: allEnded)
    }

    /// When all that stands in Redis at this moment will have ended by itself; milliseconds since 1970.
    private var allEnded: Int64 { milliseconds + Int64(settings.longestTTL.milliseconds) }

    private func tell(_ rumour: Rumours.Rumour, isMissed: Bool = false) {
        notified.add(rumour, isMissed: isMissed)
        published?.add(rumour, isMissed: isMissed)
    }

    /// Tells Redis what it missed, and the others once more: they may have read there what was old.
    ///
    /// - Returns: whether all is told.
    func tellUntold() async -> Bool {
        guard let shared else { return true }
        while true {
            let batch = untold.next(Self.atOnce)
            guard !batch.isEmpty else { return true }
            let isTold = await withTaskGroup(of: Bool.self) { group in
                for (rumour, number) in batch {
                    group.addTask { [self] in
                        guard await shared.forget(rumour) else { return false }
                        untold.told(rumour, number)
                        forgetHere(rumour)
                        tell(rumour)
                        return true
                    }
                }
                return await group.reduce(true) { $0 && $1 }
            }
            guard isTold else { return false }
        }
    }

    /// How many are told to Redis side by side.
    private static let atOnce = 32
}
