import Codecs
import Platform
import Postgres

/// A function of the product's own in PostgreSQL that adds claims to access tokens, by GoTrue's form: it is given
/// `{user_id, claims, authentication_method}` and answers `{claims}`, or `{error: {message}}` to refuse the sign-in. It runs
/// under lean_platform, which must have been granted to execute it.
/// Source: Supabase, "Custom Access Token Hook"; supabase/auth, internal/hooks.
struct AccessTokenHook: Sendable, Equatable {
    let schema: String
    let function: String

    /// All sign-ins wait for it.
    static let longest: Duration = .seconds(2)
    /// Most bytes that it may add: a token travels in a header with every request.
    static let mostAdded = 4_096

    /// `pg-functions://postgres/SCHEMA/FUNCTION`.
    init?(uri: String) {
        let parts = uri.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0] == "pg-functions:", parts[1].isEmpty, !parts[2].isEmpty,
            Self.isName(parts[3]), Self.isName(parts[4])
        else { return nil }
        schema = String(parts[3])
        function = String(parts[4])
    }

    /// A plain identifier: what is quoted below could be any, and none of these surprises.
    private static func isName(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 63 else { return false }
        func isLetter(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
        return isLetter(first) && text.utf8.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) }
    }

    /// Nil: none is wanted.
    static func read(_ read: inout SettingReader) -> AccessTokenHook? {
        let isOn = read.bool(
            "HOOK_CUSTOM_ACCESS_TOKEN_ENABLED", default: false, config: "auth.hook.custom_access_token.enabled",
            "Whether HOOK_CUSTOM_ACCESS_TOKEN_URI is asked for the claims of access tokens.")
        let uri = read.string(
            "HOOK_CUSTOM_ACCESS_TOKEN_URI", default: "", config: "auth.hook.custom_access_token.uri",
            "`pg-functions://postgres/SCHEMA/FUNCTION`: a function of jsonb that adds claims to access tokens. "
                + "lean_platform must be granted to execute it.")
        let hook = AccessTokenHook(uri: uri)
        if hook == nil, isOn || !uri.isEmpty {
            read.problem(
                "HOOK_CUSTOM_ACCESS_TOKEN_URI", "names no function",
                fix: "Set it to pg-functions://postgres/SCHEMA/FUNCTION, in letters, digits and _.")
        }
        return isOn ? hook : nil
    }
}

extension AccessTokenHook {
    /// What asks it: a limit of time, and the call, whose row `answer` reads.
    func statements(_ claims: JSONObject, method: String) -> [SQL] {
        let event: JSON = [
            "user_id": claims["sub"] ?? .null, "claims": .object(claims), "authentication_method": .string(method),
        ]
        return [
            "select set_config('statement_timeout', \(String(Self.longest.milliseconds)), true)",
            "select auth.call_hook(\(schema), \(function), \(event)::jsonb) as answer",
        ]
    }

    /// Whose values no hook changes: what the rest of the server, and every policy, relies on.
    private static let fixed = [
        "iss", "sub", "aud", "iat", "role", "aal", "amr", "session_id", "is_anonymous", "org_id", "org_role", "kid",
    ]

    /// The claims that it answered.
    ///
    /// - Throws: `Problem(.hookRejected)` when it refuses; `HookFault` for what no token can hold.
    func claims(in answer: JSON?, insteadOf claims: JSONObject) throws -> JSONObject {
        if let error = answer?["error"], error != .null {
            let message = error["message"]?.string.map { String($0.prefix(300)) }
            throw Problem(.hookRejected, message)
        }
        guard let changed = answer?["claims"]?.object else { throw HookFault.noClaims }
        for name in Self.fixed where changed[name] != claims[name] { throw HookFault.fixedClaim(name) }
        guard let end = changed["exp"]?.int, let latest = claims["exp"]?.int, let start = claims["iat"]?.int,
            end > start, end <= latest
        else { throw HookFault.fixedClaim("exp") }
        guard JSON.object(changed).encoded().count <= JSON.object(claims).encoded().count + Self.mostAdded else {
            throw HookFault.tooLong
        }
        return changed
    }

    /// - Throws: `HookFault.notCallable` when there is no such function, or it is not lean_platform's to execute.
    func check(_ services: Services) async throws {
        let isCallable: Bool = try await services.platform.one(
            """
            select coalesce(
                has_schema_privilege(to_regnamespace(quote_ident(\(schema))), 'usage')
                    and has_function_privilege(
                        to_regprocedure(quote_ident(\(schema)) || '.' || quote_ident(\(function)) || '(jsonb)'), 'execute'),
                false) as is_callable
            """
        ) { try $0["is_callable"] }
        guard isCallable else { throw HookFault.notCallable }
    }

    static let migration: StaticString = """
        create function auth.call_hook(schema_name text, function_name text, event jsonb) returns jsonb
        language plpgsql set search_path = '' as $$
        declare
            answer jsonb;
        begin
            execute format('select %I.%I($1)', schema_name, function_name) into answer using event;
            return answer;
        end $$;
        revoke execute on function auth.call_hook(text, text, jsonb) from public;
        grant execute on function auth.call_hook(text, text, jsonb) to lean_platform;
        """
}

/// What is wrong with a hook: told to the log, and to health.
enum HookFault: Error, Sendable, Equatable {
    case noClaims, tooLong, notCallable
    case fixedClaim(String)
}

extension ProblemKind {
    static let hookRejected = ProblemKind("hook_rejected", 403, "The sign-in was refused.")
    static let hookTimeout = ProblemKind("hook_timeout", 422, "Failed to reach hook within maximum time of 2 seconds")
}
