import Codecs
import HTTPTypes
import Platform

extension SignIn {
    /// GoTrue's answer to a link that is followed: 303 to where it ends, with tokens or what went wrong behind `#`. Of a client with
    /// PKCE a code, or what went wrong, stands in the query too, since it reads no fragment.
    /// Source: supabase/auth, internal/api/verify.go.
    func verifyByLink(_ call: Call<Visitor, FollowedLink>) async throws -> Answer {
        let input = call.input
        let target = settings.redirects.target(input.redirect)
        let isPKCE = input.token.hasPrefix(OneTimeToken.pkcePrefix)
        // A link that a program broke on its way: GoTrue answers with JSON here, which nobody in a browser can do anything with.
        guard !input.token.isEmpty, let types = LinkPurpose.tokenTypes(of: input.type) else {
            return Self.sending(to: target, Self.refusal(.validationFailed), isPKCE: isPKCE)
        }
        let refresh = RefreshToken.random()
        switch try await use(.link(input.token, types: types), by: .browser, refresh, call) {
        case .refused(let kind): return Self.sending(to: target, Self.refusal(kind), isPKCE: isPKCE)
        case .halfAgreed: return Self.sending(to: target, ["message": HalfAgreed.sentence], isPKCE: isPKCE)
        case .signedIn(let state, let flow):
            return Self.seeOther(try await ending(target, state, refresh, flow, input.type, call))
        }
    }

    private static func refusal(_ kind: ProblemKind) -> KeyValuePairs<String, String> {
        [
            "error": "access_denied", "error_code": kind.code,
            "error_description": kind == .linkExpired ? "Email link is invalid or has expired" : kind.title,
        ]
    }

    private static func sending(to target: String, _ words: KeyValuePairs<String, String>, isPKCE: Bool) -> Answer {
        let words = QueryString.encode(words)
        var next = String(target.prefix { $0 != "#" })
        if isPKCE { next = Redirects.adding(words, to: next) }
        return seeOther(next + "#" + words)
    }

    private static func seeOther(_ next: String) -> Answer {
        Answer(status: 303, headers: [(.location, next), (.cacheControl, "no-store")])
    }
}
