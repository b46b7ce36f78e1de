import Codecs
import HTTPTypes
import Logging
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One request as its verb sees it: who calls, what they sent, and what the verb may use.
public struct Call<Caller: Sendable, Input: Sendable>: Sendable {
    public let caller: Caller
    public let input: Input
    public let request: RequestFacts
    public let services: Services
    /// PostgreSQL under the caller's role and claims: row-level security decides what it sees. Each use checks the
    /// caller's session again.
    public let database: Database
    /// PostgreSQL under the platform's own role, for tables that no caller may write directly. A person's session is
    /// checked here too.
    public let platform: Database
    let forget: @Sendable () -> Void
    let limits: RequestLimits?

    /// The same call with another input: for a verb that goes about its work by another.
    public func with<Other: Sendable>(_ input: Other) -> Call<Caller, Other> {
        Call<Caller, Other>(
            caller: caller, input: input, request: request, services: services, database: database, platform: platform,
            forget: forget, limits: limits)
    }

    /// The caller's session or role was changed by this call: the node reads it anew, from the next request on.
    public func forgetCaller() { forget() }

    /// The time of the services' clock.
    public var now: Date { services.clock.now() }
    public var log: Logger { request.log }
}

/// What came with the request beside its input.
public struct RequestFacts: Sendable {
    public let id: String
    public let method: HTTPRequest.Method
    /// Without the query.
    public let path: String
    public let headers: HTTPFields
    /// The peer's address, as text.
    public let address: String?
    let baseLog: Logger
    let caller: Caller

    /// The request's logger: its lines carry the request's id and the caller's. Made when it is asked for, since most
    /// requests say nothing.
    public var log: Logger {
        var log = baseLog
        log[metadataKey: "requestId"] = .string(id)
        if let callerID = caller.logID { log[metadataKey: "callerId"] = .string(callerID) }
        return log
    }

    /// The text after `Bearer ` in Authorization.
    public var bearer: String? {
        headers[.authorization].flatMap(BearerToken.read)
    }

    public var userAgent: String? { headers[.userAgent].map { String($0.prefix(500)) } }
}
