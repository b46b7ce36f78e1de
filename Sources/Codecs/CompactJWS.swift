/// A signed token, taken apart and not yet believed (RFC 7515, 7.1).
public struct CompactJWS: Sendable {
    /// Most bytes of a token.
    public static let limit = 8_192

    /// `alg`, as the header claims.
    public let algorithm: String
    /// `kid`, as the header claims; nil when it is absent.
    public let keyID: String?
    /// The decoded payload.
    public let payload: [UInt8]

    /// Nil for what is no token: not three parts of base64url, a header that is no object, `alg` or `kid` of another type.
    ///
    /// Also nil for a header that names a key by an address or holds one (`jku`, `x5u`, `jwk`, `x5c`), which is never followed,
    /// and for `crit`, since none of the extensions that it could name is known here.
    public init?(_ token: String) {
        guard token.utf8.count <= Self.limit else { return nil }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Base64URL.decode(parts[0]), let payload = Base64URL.decode(parts[1]),
            Base64URL.decode(parts[2]) != nil, let fields = Self.object(header)
        else { return nil }
        guard Self.refused.allSatisfy({ fields[$0] == nil }), let algorithm = fields["alg"]?.string else { return nil }
        switch fields["kid"] {
        case nil: keyID = nil
        case .string(let id)? where (1...128).contains(id.utf8.count): keyID = id
        default: return nil
        }
        self.algorithm = algorithm
        self.payload = payload
    }

    private static let refused = ["crit", "jku", "jwk", "x5c", "x5u"]

    /// A header whose names stand there twice could be read in two ways; a header needs no more than a few.
    private static func object(_ bytes: [UInt8]) -> JSONObject? {
        let limits = JSONLimits(maxDepth: 2, maxElements: 32, allowsRepeatedKeys: false)
        return (try? JSON(parsing: bytes, limits: limits))?.object
    }
}
