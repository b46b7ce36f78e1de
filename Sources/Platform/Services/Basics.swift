/// What every feature may need to know before the server runs: our addresses and the secret of tokens.
public struct Basics: Sendable {
    /// Our public base address, without a trailing slash (API_URL).
    public let apiURL: String
    /// Where people are sent: the product's front end (APP_URL).
    public let appURL: String
    /// Signs tokens; at least 256 bits (JWT_SECRET).
    public let tokenSecret: Secret
    /// Tags logs and tokens (SUPABASE_PROJECT_ID).
    public let project: String
    /// Seals columns (ENCRYPTION_KEY); empty when there is none.
    public let keyRing: KeyRing
    /// Where assets come from (CDN_URL); nil: from here.
    public let cdnURL: String?

    public init(_ read: inout SettingReader) {
        read.group("Application")
        apiURL =
            read.url(
                "API_URL", default: "http://localhost:54321", aliases: ["SUPABASE_URL"],
                "Our public base address: issuer of tokens, links in mails.") ?? "http://localhost:54321"
        appURL =
            read.url(
                "APP_URL", default: "http://localhost:3000", config: "auth.site_url",
                "The product's front end: where people are sent.") ?? "http://localhost:3000"
        project = read.string(
            "SUPABASE_PROJECT_ID", default: "lean", config: "project_id", "Tags logs and tokens.")
        cdnURL = read.url(
            "CDN_URL", default: nil, "Where assets come from, a cache in front of us; joins the CSP's sources.")
        read.group("Tokens")
        let secret = read.secret(
            "JWT_SECRET", need: .requiredIn(Set(Stage.allCases)), shape: .bits(256),
            aliases: [], config: "auth.jwt_secret", "Signs all tokens (HS256). Make one with `openssl rand -hex 32`.")
        // A missing secret is a problem of the report, and nothing runs with one.
        tokenSecret = secret ?? Secret("")
        keyRing = Self.keyRing(&read)
    }

    private static func keyRing(_ read: inout SettingReader) -> KeyRing {
        let newest = read.secret(
            "ENCRYPTION_KEY", need: .optional, shape: .bits(256),
            "Seals what is secret and must be read back, as private keys. Make one with `openssl rand -hex 32`.")
        let previous = read.secrets(
            "ENCRYPTION_KEYS_PREVIOUS", need: .optional, shape: .bits(256),
            "Earlier values of ENCRYPTION_KEY, with commas: they still open. `leansaas keys reseal` makes them needless."
        )
        if newest == nil, !previous.isEmpty {
            read.problem(
                "ENCRYPTION_KEYS_PREVIOUS", "is set without ENCRYPTION_KEY", fix: "Set the newest as ENCRYPTION_KEY.")
        }
        return KeyRing((newest.map { [$0] } ?? []) + previous)
    }
}
