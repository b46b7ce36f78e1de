import Testing

/// A wait that did not end in time.
package struct DeadlinePassed: Error, CustomStringConvertible {
    package let what: String
    package let limit: Duration

    package var description: String { "waited \(limit) in vain: \(what)" }
}

/// Asks until it holds, every 2 ms. Every wait for a state in the tests goes through here, and every wait for a value through
/// `within`: generous limits, so that only what never comes is told, and nothing waits for good.
package func until(
    _ what: String, limit: Duration = .seconds(30), isolation: isolated (any Actor)? = #isolation,
    _ holds: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !holds() {
        guard ContinuousClock.now < deadline else { throw DeadlinePassed(what: what, limit: limit) }
        // Between two looks others have their turn: a loop that only yields keeps a whole core busy.
        try await Task.sleep(for: .milliseconds(2))
    }
}

/// The value of `work`, which is cancelled at the limit.
///
/// - Throws: `DeadlinePassed`, or what `work` throws.
package func within<Value: Sendable>(
    _ what: String, limit: Duration = .seconds(30), _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask { try await work() }
        group.addTask {
            try await Task.sleep(for: limit)
            throw DeadlinePassed(what: what, limit: limit)
        }
        defer { group.cancelAll() }
        guard let value = try await group.next() else { throw CancellationError() }
        return value
    }
}
