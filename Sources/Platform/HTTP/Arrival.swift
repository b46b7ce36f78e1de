import Codecs
import HTTPTypes
import HummingbirdCore
import Logging

/// Who is at the other end of a connection: the client, or a proxy in front of it. Found out once for each connection.
struct Peer: Sendable {
    let address: String?
    /// Whether it is a proxy whose word about its clients counts.
    let isTrusted: Bool
    /// Whether it speaks TLS with us.
    let isSecure: Bool
}

/// What is known of a request from its head alone. A class, since many steps hold it and none changes it: copies of so many parts
/// cost more than all that is done with them.
final class Arrival: Sendable {
    let id: String
    let time = ContinuousClock.now
    let method: HTTPRequest.Method
    let path: String
    let headers: HTTPFields
    /// The client's, behind the proxies that are trusted.
    let address: String?
    /// Whether the client speaks https.
    let isSecure: Bool
    private let baseLog: Logger

    init(_ request: Request, _ peer: Peer, _ forwarding: Forwarding, _ log: Logger) {
        id = RequestID.from(request.headers[.requestID])
        method = request.method
        path = request.uri.path
        headers = request.headers
        (address, isSecure) = forwarding.client(of: peer, headers: request.headers)
        baseLog = log
    }

    /// An Authorization header that is no bearer token counts as an empty one: it was meant as proof and is none.
    var credentials: Credentials {
        let bearer = headers[.authorization].map { BearerToken.read($0) ?? "" }
        return Credentials(bearer: bearer, apiKey: headers[.apiKey])
    }

    func facts(_ caller: Caller) -> RequestFacts {
        RequestFacts(
            id: id, method: method, path: path, headers: headers, address: address, baseLog: baseLog, caller: caller)
    }

    /// Whether a line of the level would be written at all.
    func writes(_ level: Logger.Level) -> Bool { baseLog.logLevel <= level }
}
