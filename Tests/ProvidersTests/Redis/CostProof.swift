import Platform
import Providers
import TestKit
import Testing

/// What a call costs on this machine: printed, for decision 15; only that it works is held.
@Suite(.enabled(if: isProving), .serialized, .timeLimit(.minutes(10)))
struct CostProof {
    @Test(arguments: [1, 16, 64, 256])
    func callsOfManyTasks(tasks: Int) async throws {
        let each = 20_000 / tasks
        try await TestRedis.running { redis in
            try await redis.client { client in
                try await client.set("a", to: Array(repeating: 7, count: 100), expiringAfter: .seconds(600))
                let begun = ContinuousClock.now
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<tasks {
                        group.addTask { for _ in 0..<each { _ = try await client.get("a") } }
                    }
                    try await group.waitForAll()
                }
                let time = ContinuousClock.now - begun
                let figures = try #require(client.figures.first).1
                #expect(figures.commands == tasks * each + 1)
                let rate = Int(Double(tasks * each) / (time / .seconds(1)))
                print(
                    "redis, \(tasks) tasks: \(rate) calls a second, mean \(Int(figures.times.mean * 1e6)) µs,",
                    "99 % within \(figures.times.quantile(0.99) * 1e6) µs, \(figures.connectionsMade) connections")
            }
        }
    }
}
