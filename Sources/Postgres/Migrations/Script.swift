import CLibPQ

/// A connection for scripts of several statements: blocking, outside of any pool, used by commands and at start.
///
final class ScriptConnection {
    private let connection: OpaquePointer

    init(_ settings: DatabaseSettings) throws {
        connection = try Link.open(settings, pipelined: false).connection
    }

    deinit {
        PQfinish(connection)
    }

    /// Runs a script: one implicit transaction, unless it says `begin` itself.
    func run(_ script: String) throws {
        guard let result = PQexec(connection, script) else {
            throw DatabaseError.connectionLost(Link.sentence(PQerrorMessage(connection)))
        }
        _ = try checked(result)
    }

    func query(_ sql: SQL) throws -> ResultSet {
        let rendered = RenderedSQL(sql)
        let result = withParameters(rendered.parameters) { bound in
            PQexecParams(
                connection, rendered.text, Int32(rendered.parameters.count), nil, bound.values, bound.lengths,
                bound.formats, 0)
        }
        guard let result else { throw DatabaseError.connectionLost(Link.sentence(PQerrorMessage(connection))) }
        return try checked(result)
    }

    private func checked(_ result: OpaquePointer) throws -> ResultSet {
        switch PQresultStatus(result) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
            return ResultSet(taking: result)
        default:
            let error = ServerError(result: result)
            PQclear(result)
            if PQstatus(connection) != CONNECTION_OK { throw DatabaseError.connectionLost(error.message) }
            throw DatabaseError.server(error)
        }
    }
}
