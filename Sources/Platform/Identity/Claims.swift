import Codecs
import Postgres

/// What a verified token says (RFC 7519). Its text is what SQL reads as `request.jwt.claims`.
public struct Claims: Sendable {
    /// The payload as signed.
    public let text: String
    /// `anon`, `authenticated` or `service_role`; another role is no token of ours.
    public let role: DatabaseRole
    public let subject: ID<Person>?
    public let session: ID<Session>?
    /// Seconds since 1970.
    public let expires: Int
    /// Seconds since 1970; 0 when it holds from ever.
    public let notBefore: Int
    /// Seconds since 1970; 0 when it does not say.
    public let issuedAt: Int
    /// `iss`.
    public let issuer: String?
    /// `aud`: one or several (RFC 7519, 4.1.3); empty when it does not say.
    public let audiences: [String]
    /// The pair that signed it; nil: JWT_SECRET.
    public let keyID: String?

    /// - Throws: `TokenRefusal.malformed` when a claim is missing or of another type.
    init(payload: [UInt8], keyID: String?) throws(TokenRefusal) {
        guard let json = try? JSON(parsing: payload), let object = json.object,
            let role = object["role"]?.string.flatMap(DatabaseRole.init(token:)),
            let expires = object["exp"]?.double, expires.isFinite, expires.magnitude < 1e15
        else { throw .malformed }
        self.role = role
        self.expires = Int(expires)
        notBefore = try Self.moment(object["nbf"])
        issuedAt = try Self.moment(object["iat"])
        switch object["iss"] {
        case nil, .null?: issuer = nil
        case .string(let name)?: issuer = name
        default: throw .malformed
        }
        audiences = try Self.names(object["aud"])
        self.keyID = keyID
        subject = object["sub"]?.string.flatMap { ID($0) }
        session = object["session_id"]?.string.flatMap { ID($0) }
        text = String(decoding: payload, as: UTF8.self)
    }

    private static func moment(_ claim: JSON?) throws(TokenRefusal) -> Int {
        guard let claim else { return 0 }
        guard let seconds = claim.double, seconds.isFinite, seconds.magnitude < 1e15 else { throw .malformed }
        return Int(seconds)
    }

    private static func names(_ claim: JSON?) throws(TokenRefusal) -> [String] {
        switch claim {
        case nil, .null?: return []
        case .string(let name)?: return name.isEmpty ? [] : [name]
        case .array(let values)?:
            let names = values.compactMap(\.string)
            guard names.count == values.count else { throw .malformed }
            return names
        default: throw .malformed
        }
    }
}

/// The roles that a request's transaction can run under. A token names one of the first three; nothing else is ever set.
public enum DatabaseRole: String, Sendable {
    case anon, authenticated
    case service = "service_role"
    /// The platform's own tables: exact grants, no rows of customers.
    case platform = "lean_platform"

    init?(token: String) {
        switch token {
        case "anon": self = .anon
        case "authenticated": self = .authenticated
        case "service_role": self = .service
        default: return nil
        }
    }
}

/// Why a token is not believed. The client only hears that it is invalid or expired.
public enum TokenRefusal: Error, Sendable {
    case malformed, unknownKey, wrongAlgorithm, badSignature, expired, notYetValid, issuedInFuture, otherIssuer,
        otherAudience
}
