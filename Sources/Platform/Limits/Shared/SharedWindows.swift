import Codecs

/// The windows that all nodes share, in the shared store: each request's limits are one round trip.
struct SharedWindows: Sendable {
    private let store: any SharedStore
    private let keys: LimitKeys

    init(_ store: any SharedStore, _ keys: LimitKeys) {
        self.store = store
        self.keys = keys
    }

    var isReachable: Bool { store.isReachable }

    /// - Parameters:
    ///   - reset: the number of the last reset.
    ///   - time: ms since 1970 of a test's clock; 0: the server's.
    func take(
        _ demands: [LimitDemand], reset: Int, time: Int
    ) async throws(SharedStoreFailure) -> LimitVerdict {
        var verdict = LimitVerdict()
        var taken: [LimitDemand] = []
        for group in groups(of: demands) {
            try await take(group, reset, time, into: &verdict)
            guard verdict.isAdmitted else {
                if !taken.isEmpty { try await giveBack(taken, reset, time) }
                return verdict
            }
            taken += group
        }
        return verdict
    }

    private func take(
        _ demands: [LimitDemand], _ reset: Int, _ time: Int, into verdict: inout LimitVerdict
    ) async throws(SharedStoreFailure) {
        var arguments: [SharedArgument] = [.integer(time)]
        for demand in demands { arguments += Self.arguments(demand) + [demand.rule.awaitsOutcome ? "1" : "0"] }
        let answer = try await store.evaluate(
            LimitScripts.take, keys: names(demands, reset), arguments: arguments)
        let numbers = try Self.numbers(answer)
        guard !numbers.isEmpty, numbers.count.isMultiple(of: 4), numbers.count <= demands.count * 4 else {
            throw .unexpected
        }
        for (index, demand) in demands.prefix(numbers.count / 4).enumerated() {
            let at = index * 4
            verdict.note(
                SlidingWindow.Standing(
                    isAdmitted: numbers[at] == 1, remaining: max(0, numbers[at + 1]),
                    resetMilliseconds: max(1, numbers[at + 2]), isNews: numbers[at + 3] == 1), demand)
        }
        guard !verdict.isAdmitted || numbers.count == demands.count * 4 else { throw .unexpected }
    }

    /// - Returns: those whose block began.
    func settle(
        _ demands: [LimitDemand], status: Int, reset: Int, time: Int
    ) async throws(SharedStoreFailure) -> [LimitDemand] {
        var begun: [LimitDemand] = []
        for group in groups(of: demands) {
            var arguments: [SharedArgument] = [.integer(time)]
            for demand in group {
                arguments += Self.arguments(demand) + [demand.rule.counts(status: status) ? "counts" : "passes"]
            }
            let answer = try await store.evaluate(
                LimitScripts.settle, keys: names(group, reset), arguments: arguments)
            begun += zip(group, try Self.numbers(answer)).filter { $1 == 1 }.map(\.0)
        }
        return begun
    }

    private func giveBack(_ demands: [LimitDemand], _ reset: Int, _ time: Int) async throws(SharedStoreFailure) {
        for group in groups(of: demands) {
            var arguments: [SharedArgument] = [.integer(time)]
            for demand in group {
                arguments += Self.arguments(demand) + [demand.rule.awaitsOutcome ? "passes" : "back"]
            }
            _ = try await store.evaluate(
                LimitScripts.settle, keys: names(group, reset), arguments: arguments)
        }
    }

    /// Of each demand: requests that its window holds, and ms until its block ends.
    func look(_ demands: [LimitDemand], reset: Int) async throws(SharedStoreFailure) -> [(held: Int, blocked: Int)] {
        var found: [(held: Int, blocked: Int)] = []
        for demand in demands {
            let answer = try await store.evaluate(
                LimitScripts.look, keys: names([demand], reset),
                arguments: [.integer(0), .integer(demand.rule.windowMilliseconds)])
            let numbers = try Self.numbers(answer)
            guard numbers.count == 3 else { throw .unexpected }
            found.append((numbers[0] + numbers[1], numbers[2]))
        }
        return found
    }

    func remove(_ demands: [LimitDemand], reset: Int) async throws(SharedStoreFailure) {
        for demand in demands { try await store.delete(names([demand], reset)) }
    }

    /// How many nodes there are, and the number of the last reset.
    func beat(_ node: String) async throws(SharedStoreFailure) -> (nodes: Int, reset: Int) {
        let answer = try await store.evaluate(
            LimitScripts.beat, keys: [Self.nodes, Self.resets],
            arguments: [.text(node), .integer(Self.presence)], within: .seconds(1))
        let numbers = try Self.numbers(answer)
        guard numbers.count == 2 else { throw .unexpected }
        return (max(1, numbers[0]), numbers[1])
    }

    /// The number of the last reset, for a process that is no node.
    func lastReset() async throws(SharedStoreFailure) -> Int {
        try await store.get(Self.resets).flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
    }

    /// - Returns: the number of this reset.
    func resetAll() async throws(SharedStoreFailure) -> Int {
        let answer = try await store.evaluate(
            LimitScripts.reset, keys: [Self.resets], arguments: [], within: .seconds(1))
        guard let number = answer.integer else { throw .unexpected }
        return number
    }

    // MARK: - Keys and numbers

    /// Milliseconds that a node counts after it was last heard of.
    private static let presence = 15_000
    private static let nodes = "limits:{nodes}"
    private static let resets = "limits:{nodes}:resets"

    /// On a cluster one script's keys stand in one slot: those of one address, person or organization do.
    private func groups(of demands: [LimitDemand]) -> [[LimitDemand]] {
        guard store.isClustered, demands.count > 1 else { return [demands] }
        var groups: [[LimitDemand]] = []
        for demand in demands {
            let index = groups.firstIndex { $0[0].subject.anchor == demand.subject.anchor }
            if let index { groups[index].append(demand) } else { groups.append([demand]) }
        }
        return groups
    }

    private func names(_ demands: [LimitDemand], _ reset: Int) -> [String] {
        demands.map { demand in
            "limits:\(reset):{" + keys.key(of: demand.subject.anchor).hex + "}:" + demand.key.hex
        }
    }

    private static func arguments(_ demand: LimitDemand) -> [SharedArgument] {
        [
            .integer(demand.rule.windowMilliseconds), .integer(demand.most), .integer(demand.rule.blockMilliseconds),
            .integer(demand.cost),
        ]
    }

    private static func numbers(_ answer: RESPValue) throws(SharedStoreFailure) -> [Int] {
        guard case .array(let values) = answer else { throw .unexpected }
        let numbers = values.compactMap(\.integer)
        guard numbers.count == values.count else { throw .unexpected }
        return numbers
    }
}
