import Platform
import Postgres
import Threads

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// When this node last saw each session, written to the database once a minute: a write for every request would cost more
/// than the request. What a node has seen since the last minute is lost when it dies.
final class SeenSessions: Sendable {
    private let noted = Locked<[ID<Session>: Date]>([:])

    /// Most that are kept until they are written: what is beyond is written as seen the next time.
    private static let most = 50_000
    private static let perStatement = 5_000

    func note(_ session: ID<Session>, at now: Date) {
        noted.withLock { noted in
            if noted.count < Self.most || noted[session] != nil { noted[session] = now }
        }
    }

    /// Sessions that are being changed at this moment are passed over, so that two nodes never wait for each other.
    func write(_ services: Services) async throws {
        let all = noted.withLock { noted in
            defer { noted = [:] }
            return Array(noted)
        }
        for start in stride(from: 0, to: all.count, by: Self.perStatement) {
            let part = all[start..<min(start + Self.perStatement, all.count)]
            try await services.platform.run(
                """
                update auth.sessions s set seen_at = t.at
                from (
                    select s.id, t.at
                    from unnest(\(SQLArray(part.map(\.key)))::uuid[], \(SQLArray(part.map(\.value)))::timestamptz[]) as t (id, at)
                    join auth.sessions s on s.id = t.id and (s.seen_at is null or s.seen_at < t.at)
                    for update of s skip locked
                ) t
                where s.id = t.id
                """)
        }
    }

    var service: BackgroundService {
        BackgroundService("sessions.seen") { [self] services in
            while !Task.isCancelled {
                do {
                    try await Task.sleep(for: .seconds(60))
                    try await write(services)
                } catch is CancellationError {
                    return
                } catch {
                    services.log.warning(
                        "when sessions were seen could not be written", metadata: ["cause": "\(error)"])
                }
            }
        }
    }
}
