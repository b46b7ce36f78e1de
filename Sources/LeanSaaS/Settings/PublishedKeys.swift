import Platform

/// The two keys of Supabase clients, when they are set: tokens of our own, checked at start.
struct PublishedKeys: Sendable {
    let anon: Secret?
    let service: Secret?

    init(_ read: inout SettingReader) {
        read.group("Tokens")
        anon = read.secret(
            "SUPABASE_ANON_KEY", need: .optional,
            "The anon key that clients carry: a token signed with JWT_SECRET. `leansaas keys` makes it.")
        service = read.secret(
            "SUPABASE_SERVICE_ROLE_KEY", need: .optional,
            "The service_role key: a token that passes row-level security. `leansaas keys` makes it.")
    }

    /// Keys that JWT_SECRET did not sign would fail at every client: better said at start.
    func faults(_ tokens: TokenKeys, _ clock: WallClock) async -> [String] {
        var faults: [String] = []
        for (name, key, role) in [
            ("SUPABASE_ANON_KEY", anon, DatabaseRole.anon), ("SUPABASE_SERVICE_ROLE_KEY", service, .service),
        ] {
            guard let key else { continue }
            do {
                let claims = try await tokens.verify(key.reveal(), now: clock.now())
                if claims.role != role { faults.append("\(name) is a token of the role \(claims.role.rawValue)") }
            } catch {
                faults.append("\(name) is not signed with JWT_SECRET, or has expired; make it with `leansaas keys`")
            }
        }
        return faults
    }
}
