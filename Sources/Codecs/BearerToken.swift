/// The `Authorization` header of bearer tokens: `Bearer`, in any case, a space, the token. Source: RFC 6750, section 2.1, and
/// RFC 9110, section 11.1 on the case of schemes.
public enum BearerToken {
    /// What stands behind the scheme, as it is; nil for another scheme.
    public static func read(_ authorization: String) -> String? {
        let bytes = authorization.utf8
        guard bytes.count >= scheme.utf8CodeUnitCount else { return nil }
        let isBearer = scheme.withUTF8Buffer { scheme in
            // Setting this bit makes an ASCII letter small; a space has it already.
            zip(bytes, scheme).allSatisfy { $0 | 0x20 == $1 }
        }
        guard isBearer, bytes.dropFirst(scheme.utf8CodeUnitCount - 1).first == UInt8(ascii: " ") else { return nil }
        return String(authorization[bytes.index(bytes.startIndex, offsetBy: scheme.utf8CodeUnitCount)...])
    }

    private static let scheme: StaticString = "bearer "
}
