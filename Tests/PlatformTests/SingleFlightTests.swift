import TestKit
import Testing

@testable import Platform

@Suite(.timeLimit(.minutes(10))) struct SingleFlightTests {
    private struct Failure: Error {}

    @Test func `who comes while one runs shares the next, and no two run at a time`() async throws {
        let (flight, turnstile) = (SingleFlight(), Turnstile())
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await flight.run { await turnstile.pass() } }
            await turnstile.untilHeld()
            for _ in 0..<100 { group.addTask { try await flight.run { await turnstile.pass() } } }
            try await until("100 wait") { flight.waitingCount == 100 }
            #expect(await turnstile.count == 1)
            await turnstile.letOneThrough()
            await turnstile.untilHeld()
            await turnstile.letOneThrough()
            try await group.waitForAll()
        }
        #expect(await turnstile.count == 2)
    }

    @Test func `a failure is told to all who shared the run, and the next runs anew`() async throws {
        let (flight, turnstile) = (SingleFlight(), Turnstile())
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await flight.run { await turnstile.pass() }
                return true
            }
            await turnstile.untilHeld()
            for _ in 0..<10 {
                group.addTask {
                    do {
                        try await flight.run { throw Failure() }
                        return true
                    } catch is Failure {
                        return false
                    }
                }
            }
            try await until("10 wait") { flight.waitingCount == 10 }
            await turnstile.letOneThrough()
            var failed = 0
            for try await isWell in group where !isWell { failed += 1 }
            #expect(failed == 10)
        }
        await turnstile.open()
        try await flight.run { await turnstile.pass() }
        #expect(await turnstile.count == 2)
    }

    @Test func `a caller that is cancelled takes nobody with it`() async throws {
        let (flight, first, second) = (SingleFlight(), Turnstile(), Turnstile())
        let leader = Task { try await flight.run { await first.pass() } }
        await first.untilHeld()
        let cancelled = Task {
            try await flight.run {
                await second.pass()
                try Task.checkCancellation()
            }
        }
        try await until("1 wait") { flight.waitingCount == 1 }
        let waiting = Task { try await flight.run { await second.pass() } }
        let patient = Task { try await flight.run { await second.pass() } }
        try await until("3 wait") { flight.waitingCount == 3 }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        await first.letOneThrough()
        try await leader.value
        await second.untilHeld()
        cancelled.cancel()
        await second.letOneThrough()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        await second.untilHeld()
        await second.letOneThrough()
        try await patient.value
        #expect(flight.waitingCount == 0)
    }
}
