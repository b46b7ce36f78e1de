/// Many rows at once, by COPY: several times as fast as inserts, in memory that does not grow with them.
///
/// A COPY runs under the transaction's role and after its session check like any statement. PostgreSQL refuses COPY into
/// tables with row-level security and, to our roles, COPY with a program or a file. The statement takes no parameters.
extension Transaction {
    /// Copies bytes of the COPY's format into a table: `copyIn("copy notes (title) from stdin", lines)`.
    ///
    /// The next chunk is asked for when the socket has taken the last. When `chunks` throws, or the task is cancelled, no
    /// row stays. A row that PostgreSQL refuses is told after the last chunk.
    ///
    /// - Parameter limit: how long all of it may take, the wait for `chunks` included; default: DATABASE_STATEMENT_TIMEOUT.
    /// - Returns: the number of rows.
    public func copyIn<Chunks: AsyncSequence & Sendable>(
        _ sql: SQL, _ chunks: Chunks, within limit: Duration? = nil
    ) async throws -> Int where Chunks.Element == [UInt8] {
        let limit = limit ?? statementTimeout
        try await beginCopy(sql, .toServer, within: limit)
        do {
            try await put(chunks, within: limit)
            // A stream ends quietly when its task is cancelled: what came until then is not all.
            try Task.checkCancellation()
        } catch {
            await discardRows(within: limit)
            throw error
        }
        let reply = try await step(.end(failure: nil), within: limit)
        try await copyEnded()
        return reply.results.first?.affected ?? 0
    }

    /// Copies rows into a table, in COPY's text format, which is its default.
    public func copyIn<Rows: AsyncSequence & Sendable>(
        _ sql: SQL, rows: Rows, within limit: Duration? = nil
    ) async throws -> Int where Rows.Element == CopyRow {
        try await copyIn(sql, rows.map { $0.line }, within: limit)
    }

    /// Copies rows out: `copyOut("copy notes (title) to stdout") { … }`. `receive` is given whole rows, about 64 KiB at a
    /// time; while it works the server waits. When it throws, the rest is not read.
    ///
    /// - Returns: the number of rows.
    public func copyOut(
        _ sql: SQL, within limit: Duration? = nil, _ receive: @Sendable ([UInt8]) async throws -> Void
    ) async throws -> Int {
        let limit = limit ?? statementTimeout
        try await beginCopy(sql, .toUs, within: limit)
        var reply = try await step(.take, within: limit)
        while !reply.copied.isEmpty {
            do {
                try await receive(reply.copied)
            } catch {
                giveUpCopy()
                throw error
            }
            reply = try await step(.take, within: limit)
        }
        try await copyEnded()
        return reply.results.first?.affected ?? 0
    }

    private func put<Chunks: AsyncSequence & Sendable>(
        _ chunks: Chunks, within limit: Duration
    ) async throws where Chunks.Element == [UInt8] {
        var gathered: [UInt8] = []
        for try await chunk in chunks {
            gathered += chunk
            guard gathered.count >= Self.chunkSize else { continue }
            try await put(&gathered, within: limit)
        }
        try await put(&gathered, within: limit)
    }

    /// In pieces, since libpq takes at most 2 GiB at once and copies what it takes.
    private func put(_ gathered: inout [UInt8], within limit: Duration) async throws {
        for start in stride(from: 0, to: gathered.count, by: Self.pieceSize) {
            let end = min(start + Self.pieceSize, gathered.count)
            try await step(.put(Array(gathered[start..<end])), within: limit)
        }
        gathered.removeAll(keepingCapacity: true)
    }

    /// Ends the COPY so that the server throws away what it was given; the connection stays good for the rollback.
    private func discardRows(within limit: Duration) async {
        do {
            try await step(.end(failure: "the source of the rows failed"), within: limit, shielded: true)
        } catch DatabaseError.server {
            // The refusal that was asked for.
        } catch {
            giveUpCopy()
        }
    }

    private static let chunkSize = 65_536
    private static let pieceSize = 1_048_576
}

extension Database {
    /// `Transaction.copyIn` in a transaction of its own. It is not repeated, since the rows come only once.
    public func copyIn<Chunks: AsyncSequence & Sendable>(
        _ sql: SQL, _ chunks: Chunks, within limit: Duration? = nil
    ) async throws -> Int where Chunks.Element == [UInt8] {
        try await transactionOnce { try await $0.copyIn(sql, chunks, within: limit) }
    }

    public func copyIn<Rows: AsyncSequence & Sendable>(
        _ sql: SQL, rows: Rows, within limit: Duration? = nil
    ) async throws -> Int where Rows.Element == CopyRow {
        try await transactionOnce { try await $0.copyIn(sql, rows: rows, within: limit) }
    }

    /// `Transaction.copyOut` in a transaction of its own.
    public func copyOut(
        _ sql: SQL, within limit: Duration? = nil, _ receive: @Sendable ([UInt8]) async throws -> Void
    ) async throws -> Int {
        try await transactionOnce { try await $0.copyOut(sql, within: limit, receive) }
    }
}

/// A row in COPY's text format: values between tabs, `\N` for null. Source: PostgreSQL, "COPY", "Text Format".
public struct CopyRow: Sendable {
    let line: [UInt8]

    /// - Throws: `DatabaseError.nulCharacter` for text with U+0000, which PostgreSQL cannot store.
    public init(_ values: (any SQLEncodable)?...) throws {
        var line: [UInt8] = []
        for (index, value) in values.enumerated() {
            if index > 0 { line.append(UInt8(ascii: "\t")) }
            if let text = value?.sqlParameter.text {
                try Self.append(text, to: &line)
            } else {
                line += [UInt8(ascii: "\\"), UInt8(ascii: "N")]
            }
        }
        line.append(UInt8(ascii: "\n"))
        self.line = line
    }

    private static func append(_ text: String, to line: inout [UInt8]) throws {
        for byte in text.utf8 {
            switch byte {
            case 0: throw DatabaseError.nulCharacter
            case UInt8(ascii: "\\"): line += [byte, byte]
            case UInt8(ascii: "\t"): line += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
            case UInt8(ascii: "\n"): line += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
            case UInt8(ascii: "\r"): line += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
            default: line.append(byte)
            }
        }
    }
}
