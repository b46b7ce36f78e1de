import CLibPQ

/// A step of a COPY. Between two steps the connection belongs to the one who copies and does nothing by itself.
enum CopyStep: Sendable {
    enum Direction: Sendable {
        case toServer, toUs
    }

    case begin(text: String, Direction)
    /// Bytes of the COPY's format. Done when the socket has taken them, which is the back-pressure.
    case put([UInt8])
    /// Asks for the next rows.
    case take
    /// The last row has been put; with a reason, the rows are to be thrown away and the COPY fails.
    case end(failure: String?)
}

/// A COPY on a connection that has left pipeline mode for it, since libpq refuses the one in the other.
///
/// Source: libpq, "Functions Associated with the COPY Command" and "Asynchronous Command Processing".
struct Copying {
    /// Rows are gathered to about so many bytes before they are handed over.
    private static let chunkSize = 65_536

    private let connection: OpaquePointer
    private var step: CopyStep
    private var failure: DatabaseError?
    private var results: [ResultSet] = []
    private(set) var wantsToWrite = false
    /// The connection is in pipeline mode again.
    private(set) var isOver = false

    /// Nil when the step cannot be begun: the connection is of no more use.
    init?(_ connection: OpaquePointer, beginningWith step: CopyStep) {
        self.connection = connection
        self.step = step
        // The extended protocol: a text of several statements is refused.
        guard case .begin(let text, _) = step, PQexitPipelineMode(connection) == 1,
            PQsendQueryParams(connection, text, 0, nil, nil, nil, nil, 0) == 1
        else { return nil }
    }

    mutating func start(_ step: CopyStep) -> Bool {
        self.step = step
        switch step {
        case .begin: return false
        case .put(let bytes): return put(bytes)
        case .take: return true
        case .end(let failure): return PQputCopyEnd(connection, failure) == 1
        }
    }

    private func put(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return true }
            return PQputCopyData(connection, base.assumingMemoryBound(to: CChar.self), Int32(buffer.count)) == 1
        }
    }

    /// Goes on as far as the socket allows. Nil when it must become ready first.
    mutating func proceed() -> Outcome? {
        let status = PQflush(connection)
        guard status >= 0 else { return lost }
        wantsToWrite = status == 1
        switch step {
        case .begin(_, let direction): return begun(direction)
        case .put: return wantsToWrite ? nil : .success(Reply())
        case .take: return taken()
        case .end: return wantsToWrite ? nil : ended()
        }
    }

    private mutating func begun(_ direction: CopyStep.Direction) -> Outcome? {
        guard PQisBusy(connection) == 0 else { return nil }
        guard let result = PQgetResult(connection) else { return lost }
        switch (PQresultStatus(result), direction) {
        case (PGRES_COPY_IN, .toServer), (PGRES_COPY_OUT, .toUs):
            PQclear(result)
            return .success(Reply())
        case (PGRES_FATAL_ERROR, _):
            failure = .server(ServerError(result: result))
            PQclear(result)
            step = .end(failure: nil)
            return ended()
        default:
            PQclear(result)
            return .lost("the statement is no COPY in this direction")
        }
    }

    private mutating func taken() -> Outcome? {
        var bytes: [UInt8] = []
        while bytes.count < Self.chunkSize {
            var row: UnsafeMutablePointer<CChar>?
            let length = PQgetCopyData(connection, &row, 1)
            if let row, length > 0 {
                bytes.append(contentsOf: UnsafeRawBufferPointer(start: row, count: Int(length)))
                PQfreemem(row)
                continue
            }
            if !bytes.isEmpty { break }
            guard length != 0 else { return nil }
            step = .end(failure: nil)
            return ended()
        }
        return .success(Reply(copied: bytes))
    }

    /// Reads what the server says at the end, up to the null that lets the connection into pipeline mode again.
    private mutating func ended() -> Outcome? {
        while PQisBusy(connection) == 0 {
            guard let result = PQgetResult(connection) else {
                guard PQenterPipelineMode(connection) == 1 else { return lost }
                isOver = true
                return failure.map(Outcome.failure) ?? .success(Reply(results: results))
            }
            if PQresultStatus(result) == PGRES_COMMAND_OK {
                results.append(ResultSet(taking: result))
            } else {
                if failure == nil { failure = .server(ServerError(result: result)) }
                PQclear(result)
            }
            // A broken connection answers without end.
            guard PQstatus(connection) == CONNECTION_OK else { return lost }
        }
        return nil
    }

    private var lost: Outcome { .lost(Link.sentence(PQerrorMessage(connection))) }
}
