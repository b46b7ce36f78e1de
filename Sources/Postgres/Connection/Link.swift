import CLibPQ

/// An open libpq connection on its way from the thread that connected to the one that will use it.
///
/// `@unchecked Sendable`: libpq allows a PGconn on any thread, one at a time; a `Link` is handed over, never shared.
struct Link: @unchecked Sendable {
    let connection: OpaquePointer

    /// Connects and blocks until PostgreSQL has let us in: name resolution, TLS and SCRAM happen here, on a thread of
    /// their own, with several hosts tried in turn.
    ///
    /// - Throws: `DatabaseError.unavailable` with libpq's sentence, which names hosts and roles but no password.
    static func open(_ settings: DatabaseSettings, pipelined: Bool) throws -> Link {
        let hosts = hostCount(settings.url)
        // Per host, so that one that is silent leaves time for the next; libpq takes no less than two seconds.
        let seconds = max(2, settings.connectionTimeout.milliseconds / 1_000 / Int64(hosts))
        let pairs: [(String, String)] = [
            // What stands before the string is a default that it may override.
            ("sslmode", settings.sslMode ?? "prefer"),
            ("target_session_attrs", hosts > 1 ? "read-write" : "any"),
            ("dbname", settings.url),
            ("fallback_application_name", "leansaas"),
            ("client_encoding", "UTF8"),
            ("options", settings.startupOptions ?? ""),
            ("connect_timeout", String(seconds)),
            ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "30000"),
        ]
        let opened = withCStrings(pairs.map(\.0)) { keys in
            withCStrings(pairs.map(\.1)) { values in PQconnectdbParams(keys, values, 1) }
        }
        guard let connection = opened else { throw DatabaseError.unavailable("out of memory") }
        guard PQstatus(connection) == CONNECTION_OK else {
            let message = sentence(PQerrorMessage(connection))
            PQfinish(connection)
            throw DatabaseError.unavailable(message)
        }
        if pipelined {
            PQsetnonblocking(connection, 1)
            PQenterPipelineMode(connection)
        }
        PQsetNoticeReceiver(connection, { _, _ in }, nil)
        return Link(connection: connection)
    }

    /// How many hosts the string names; 1 for a string that libpq will refuse.
    static func hostCount(_ url: String) -> Int { max(1, hosts(url).count) }

    /// The hosts that the string names, as names or addresses; empty when it names none, which is a socket's usual place.
    static func hosts(_ url: String) -> [String] {
        guard let options = PQconninfoParse(url, nil) else { return [] }
        defer { PQconninfoFree(options) }
        var option = options
        var hosts: [String] = []
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val, ["host", "hostaddr"].contains(String(cString: keyword)) {
                let named = String(cString: value).split(separator: ",", omittingEmptySubsequences: false)
                if named.count >= hosts.count { hosts = named.map(String.init) }
            }
            option = option.advanced(by: 1)
        }
        return hosts
    }

    /// Asks the server to stop what the connection runs, then closes it. A cancel may reach the server late and would
    /// then hit the next statement, so the connection is not used again. Blocks.
    func cancelAndClose() {
        if let cancel = PQgetCancel(connection) {
            var buffer = [CChar](repeating: 0, count: 256)
            PQcancel(cancel, &buffer, Int32(buffer.count))
            PQfreeCancel(cancel)
        }
        PQfinish(connection)
    }

    static func sentence(_ message: UnsafePointer<CChar>?) -> String {
        guard let message else { return "no reason given" }
        return String(cString: message).split(whereSeparator: \.isNewline).joined(separator: "; ")
    }
}

/// Gives `body` a NULL-terminated array of C strings, valid during the call.
func withCStrings<Value>(_ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Value) -> Value {
    var bytes: [CChar] = []
    var offsets: [Int] = []
    for string in strings {
        offsets.append(bytes.count)
        bytes.append(contentsOf: string.utf8CString)
    }
    return bytes.withUnsafeBufferPointer { buffer in
        let pointers = offsets.map { buffer.baseAddress?.advanced(by: $0) } + [nil]
        return pointers.withUnsafeBufferPointer { list in
            guard let base = list.baseAddress else { preconditionFailure("the list ends with a null") }
            return body(base)
        }
    }
}
