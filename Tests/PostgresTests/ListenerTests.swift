import Postgres
import TestKit
import Testing

@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct ListenerTests {
    /// Listens for the length of `body`, which is given the events as they come.
    private static func listening(
        _ body: @escaping @Sendable (Listener, AsyncStream<ListenEvent>) async throws -> Void
    ) async throws {
        let (events, feed) = AsyncStream<ListenEvent>.makeStream()
        let settings = DatabaseSettings(url: try await TestDatabase.current.url(as: "postgres"))
        let listener = Listener(settings, channels: ["sample"]) { feed.yield($0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await listener.run() }
            group.addTask { try await within("the events come") { try await body(listener, events) } }
            try await group.next()
            group.cancelAll()
        }
    }

    @Test func `a notification arrives, and a ping after it comes back later`() async throws {
        try await Self.listening { listener, events in
            var events = events.makeAsyncIterator()
            guard case .connected = await events.next() else {
                Issue.record("connected comes first")
                return
            }
            let database = try await TestDatabase.current.pool(as: "postgres")
            try await database.run("select pg_notify('sample', 'hello')")
            try await listener.ping()
            guard case .notification("sample", "hello") = await events.next() else {
                Issue.record("the notification")
                return
            }
            await database.close()
        }
    }

    @Test func `a listener that is cut off says so and comes back`() async throws {
        try await Self.listening { listener, events in
            var events = events.makeAsyncIterator()
            _ = await events.next()
            let database = try await TestDatabase.current.pool(as: "postgres")
            try await database.run(
                """
                select pg_terminate_backend(pid) from pg_stat_activity
                where datname = current_database() and query like 'listen%'
                """)
            guard case .lost = await events.next() else {
                Issue.record("the loss is told")
                return
            }
            guard case .connected = await events.next() else {
                Issue.record("the return is told")
                return
            }
            try await database.run("select pg_notify('sample', 'again')")
            guard case .notification("sample", "again") = await events.next() else {
                Issue.record("it listens again")
                return
            }
            await database.close()
        }
    }

    @Test func `a connection on which LISTEN fails is closed before another is made`() async throws {
        let settings = DatabaseSettings(url: try await TestDatabase.current.url(as: "postgres"))
        // A reserved word is no channel to PostgreSQL.
        let listener = Listener(settings, channels: ["sample", "select"]) { _ in }
        let database = try await TestDatabase.current.pool(as: "postgres")
        let listening = Task { await listener.run() }
        var most = 0
        var seen: Set<Int> = []
        try await until("it has tried five times") {
            let processes: [Int] = try await database.all(
                """
                select pid::bigint as pid from pg_stat_activity
                where datname = current_database() and query like 'listen%'
                """
            ) { try $0["pid"] }
            most = max(most, processes.count)
            seen.formUnion(processes)
            return seen.count >= 5
        }
        listening.cancel()
        await listening.value
        // The one before may be on its way out.
        #expect(most <= 2)
        await database.close()
    }
}
