import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// Where a request came from: made by Hummingbird for each.
struct RequestOrigin: InitializableFromSource {
    let address: SocketAddress?

    init(source: ApplicationRequestContextSource) {
        address = source.channel.remoteAddress
    }
}

/// What is known of a request from its head alone.
struct Arrival: Sendable {
    let id: String
    let time = ContinuousClock.now
    let method: HTTPRequest.Method
    let path: String
    let headers: HTTPFields
    let address: String?
    private let baseLog: Logger

    init(_ request: Request, _ origin: RequestOrigin, _ log: Logger) {
        id = RequestID.from(request.headers[.requestID])
        method = request.method
        path = request.uri.path
        headers = request.headers
        address = origin.address?.ipAddress
        baseLog = log
    }

    /// An Authorization header that is no bearer token counts as an empty one: it was meant as proof and is none.
    var credentials: Credentials {
        let authorization = headers[.authorization]
        let bearer = authorization.map { text in
            text.prefix(7).lowercased() == "bearer " ? String(text.dropFirst(7)) : ""
        }
        return Credentials(bearer: bearer, apiKey: headers[.apiKey])
    }

    func facts(_ caller: Caller) -> RequestFacts {
        RequestFacts(
            id: id, method: method, path: path, headers: headers, address: address, baseLog: baseLog, caller: caller)
    }

    /// Whether a line of the level would be written at all.
    func writes(_ level: Logger.Level) -> Bool { baseLog.logLevel <= level }
}
