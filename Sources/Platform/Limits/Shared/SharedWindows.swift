import Codecs

/// The windows that all nodes share, in the shared store: each request's limits are one round trip.
struct SharedWindows: Sendable {
    private let store: any SharedStore

    init(_ store: any SharedStore) {
        self.store = store
    }

    var isReachable: Bool { store.isReachable }

    /// The verdict, and what the store said of each window that decided it.
    struct Taken: Sendable {
        var verdict = LimitVerdict()
        var counts: [SharedCount] = []
    }

    /// - Parameters:
    ///   - reset: the number of the last reset.
    ///   - time: ms since 1970 of a test's clock; 0: the server's.
    func take(
        _ demands: [LimitDemand], reset: Int, time: Int
    ) async throws(SharedStoreFailure) -> Taken {
        var answer = Taken()
        var taken: [LimitDemand] = []
        for group in groups(of: demands) {
            try await take(group, reset, time, into: &answer)
            guard answer.verdict.isAdmitted else {
                if !taken.isEmpty { try await giveBack(taken, reset, time) }
                return answer
            }
            taken += group
        }
        return answer
    }

    private func take(
        _ demands: [LimitDemand], _ reset: Int, _ time: Int, into taken: inout Taken
    ) async throws(SharedStoreFailure) {
        var arguments: [SharedArgument] = [.integer(time)]
        for demand in demands { arguments += Self.arguments(demand) + [demand.rule.awaitsOutcome ? "1" : "0"] }
        let answer = try await store.evaluate(
            LimitScripts.take, keys: names(demands, reset), arguments: arguments)
        let numbers = try Self.numbers(answer)
        let answered = numbers.count / 6
        guard answered > 0, numbers.count == answered * 6 + 1, answered <= demands.count else { throw .unexpected }
        for (index, demand) in demands.prefix(answered).enumerated() {
            let at = index * 6 + 1
            let standing = SlidingWindow.Standing(
                isAdmitted: numbers[at] == 1, remaining: max(0, numbers[at + 1]),
                resetMilliseconds: max(1, numbers[at + 2]), isNews: numbers[at + 3] == 1)
            taken.verdict.note(standing, demand)
            // When one refuses, the others are as they were before it was asked: the next answer tells.
            guard numbers[(answered - 1) * 6 + 1] == 1 || !standing.isAdmitted else { continue }
            taken.counts.append(
                SharedCount(
                    demand: demand, time: numbers[0], current: numbers[at + 4], previous: numbers[at + 5],
                    isRefusal: !standing.isAdmitted))
        }
        guard !taken.verdict.isAdmitted || answered == demands.count else { throw .unexpected }
    }

    /// Counts what was let in ahead, beyond the limits too.
    ///
    /// - Parameter time: ms since 1970 of a test's clock; 0: the server's.
    /// - Returns: what the store says of each window, in order.
    func count(
        _ sums: ArraySlice<Arrears.Sum>, reset: Int, time: Int = 0
    ) async throws(SharedStoreFailure) -> [SharedCount] {
        guard store.isClustered else { return try await told(sums, reset, time) }
        // Keys of two subjects stand in two slots: each is told by itself, and all at once.
        let answers = await withTaskGroup(of: Result<[SharedCount], SharedStoreFailure>.self) { group in
            let places = Dictionary(grouping: sums.indices) { sums[$0].demand.anchor }
            for indices in places.values {
                group.addTask {
                    do throws(SharedStoreFailure) {
                        return .success(try await told(indices.map { sums[$0] }[...], reset, time))
                    } catch { return .failure(error) }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var counts: [SipHash.Digest: SharedCount] = [:]
        for answer in answers { for count in try answer.get() { counts[count.demand.key] = count } }
        let ordered = sums.compactMap { counts[$0.demand.key] }
        guard ordered.count == sums.count else { throw .unexpected }
        return ordered
    }

    private func told(
        _ sums: ArraySlice<Arrears.Sum>, _ reset: Int, _ time: Int
    ) async throws(SharedStoreFailure) -> [SharedCount] {
        var arguments: [SharedArgument] = [.integer(time)]
        for sum in sums { arguments += [.integer(sum.demand.rule.windowMilliseconds), .integer(sum.cost)] }
        let answer = try await store.evaluate(
            LimitScripts.count, keys: names(sums.map(\.demand), reset), arguments: arguments)
        let numbers = try Self.numbers(answer)
        guard numbers.count == sums.count * 2 + 1 else { throw .unexpected }
        return sums.enumerated().map { index, sum in
            SharedCount(
                demand: sum.demand, time: numbers[0], current: numbers[index * 2 + 1], previous: numbers[index * 2 + 2],
                isRefusal: false)
        }
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

    /// What the store says to a node that says that it is there.
    struct Presence: Sendable {
        /// This one with them.
        let nodes: Int
        /// The number of the last reset.
        let reset: Int
        /// Milliseconds since 1970.
        let time: Int
    }

    func beat(_ node: String) async throws(SharedStoreFailure) -> Presence {
        let answer = try await store.evaluate(
            LimitScripts.beat, keys: [Self.nodes, Self.resets],
            arguments: [.text(node), .integer(Self.presence)], within: .seconds(1))
        let numbers = try Self.numbers(answer)
        guard numbers.count == 3 else { throw .unexpected }
        return Presence(nodes: max(1, numbers[0]), reset: numbers[1], time: numbers[2])
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
            let index = groups.firstIndex { $0[0].anchor == demand.anchor }
            if let index { groups[index].append(demand) } else { groups.append([demand]) }
        }
        return groups
    }

    private func names(_ demands: [LimitDemand], _ reset: Int) -> [String] {
        demands.map { demand in
            "limits:\(reset):{" + demand.anchor.hex + "}:" + demand.key.hex
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
