import Logging
import Postgres
import Threads

/// Rows of the audit log that belong to no transaction, as refusals do: written a moment later and many at a time, so that whoever
/// is refused costs no round trip. Bounded: of a flood that PostgreSQL does not take in, the latest are dropped and counted.
final class AuditBacklog: Sendable {
    private struct State: Sendable {
        /// Each the text of a JSON object.
        var rows: [String] = []
        var bytes = 0
        var dropped = 0
    }

    private static let most = 20_000
    private static let mostBytes = 16_777_216
    private static let perStatement = 500
    /// How long rows gather.
    private static let pause: Duration = .milliseconds(100)
    private static let pauseAfterFailure: Duration = .seconds(2)

    private let state = Locked(State())
    private let bell = Bell()

    func append(_ row: String) {
        let isNews = state.withLock { state in
            guard state.rows.count < Self.most, state.bytes + row.utf8.count <= Self.mostBytes else {
                state.dropped += 1
                return false
            }
            state.rows.append(row)
            state.bytes += row.utf8.count
            return state.rows.count == 1
        }
        if isNews { bell.ring() }
    }

    var figures: (waiting: Int, dropped: Int) { state.withLock { ($0.rows.count, $0.dropped) } }

    /// Writes until the task is cancelled; `flush` then writes the rest.
    func run(_ auditor: Auditor, on database: Database, log: Logger) async {
        while !Task.isCancelled {
            await bell.wait(atMost: .seconds(60))
            do {
                try await Task.sleep(for: Self.pause)
                try await flush(auditor, on: database, log: log)
            } catch {
                guard !Task.isCancelled else { return }
                log.warning("what happened is told to the audit log later", metadata: ["cause": "\(error)"])
                do { try await Task.sleep(for: Self.pauseAfterFailure) } catch { return }
                bell.ring()
            }
        }
    }

    /// Writes all that waits.
    func flush(_ auditor: Auditor, on database: Database, log: Logger) async throws {
        while true {
            let rows = take()
            guard !rows.isEmpty else { return }
            do {
                try await write(rows, auditor, database, log)
            } catch {
                putBack(rows)
                throw error
            }
        }
    }

    /// One row that PostgreSQL refuses must not keep the others out.
    private func write(_ rows: [String], _ auditor: Auditor, _ database: Database, _ log: Logger) async throws {
        do {
            try await database.run(auditor.record("[" + rows.joined(separator: ",") + "]"))
        } catch DatabaseError.server(let error) where error.isOfData {
            guard rows.count > 1 else {
                state.withLock { $0.dropped += 1 }
                log.error("the audit log refuses a row", metadata: ["cause": "\(error)"])
                return
            }
            try await write(Array(rows[..<(rows.count / 2)]), auditor, database, log)
            try await write(Array(rows[(rows.count / 2)...]), auditor, database, log)
        }
    }

    private func take() -> [String] {
        state.withLock { state in
            let rows = Array(state.rows.prefix(Self.perStatement))
            state.rows.removeFirst(rows.count)
            state.bytes -= rows.reduce(0) { $0 + $1.utf8.count }
            return rows
        }
    }

    private func putBack(_ rows: [String]) {
        state.withLock { state in
            state.rows.insert(contentsOf: rows, at: 0)
            state.bytes += rows.reduce(0) { $0 + $1.utf8.count }
        }
    }
}

extension ServerError {
    /// Whether the data is at fault, rather than the server or the moment (classes 22 and 23).
    fileprivate var isOfData: Bool { state.errorClass == "22" || state.errorClass == "23" }
}
