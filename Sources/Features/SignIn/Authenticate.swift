import Codecs
import Platform
import Postgres

extension SignIn {
    var authenticator: Authenticator {
        Authenticator(
            fails: [.badToken, .badAPIKey, .sessionEnded],
            authenticate: { try await authenticate($0, $1) },
            identity: Self.identity,
            forget: { sessions.forget($0.id) }
        )
    }

    /// The bearer token decides; the `apikey` alone is the anon or service key of a client without a session. Either, if
    /// it is there, must be good.
    private func authenticate(_ credentials: Credentials, _ services: Services) async throws -> Caller {
        let keyCaller = try await caller(of: credentials.apiKey, services)
        guard let bearer = credentials.bearer else { return keyCaller }
        let claims = try await verified(bearer, services)
        switch claims.role {
        case .anon: return .visitor
        case .service: return .service(ServiceCaller(claims: claims))
        case .authenticated: return .person(try await principal(of: claims, services))
        case .platform: throw Problem(.badToken)
        }
    }

    private func caller(of key: String?, _ services: Services) async throws -> Caller {
        guard let key else { return .visitor }
        do {
            let claims = try await services.tokens.verify(key, now: services.clock.now())
            // Those are JWT_SECRET's alone.
            guard claims.keyID == nil else { throw TokenRefusal.unknownKey }
            switch claims.role {
            case .anon: return .visitor
            case .service: return .service(ServiceCaller(claims: claims))
            case .authenticated, .platform: throw Problem(.badAPIKey)
            }
        } catch let refusal as TokenRefusal {
            throw Problem(.badAPIKey, cause: refusal)
        }
    }

    private func verified(_ token: String, _ services: Services) async throws -> Claims {
        do {
            let claims = try await signingKeys.verified(token, services)
            try check(claims)
            return claims
        } catch TokenRefusal.expired {
            throw Problem(.tokenExpired)
        } catch let refusal as TokenRefusal {
            throw Problem(.badToken, cause: refusal)
        }
    }

    /// What the signature does not say. The keys of clients name Supabase as their issuer and no audience; they pass as they are.
    private func check(_ claims: Claims) throws(TokenRefusal) {
        let isByPair = claims.keyID != nil
        guard claims.role == .authenticated else {
            // A pair signs persons' tokens: whoever gets hold of one must not become the service role.
            guard !isByPair else { throw .unknownKey }
            return
        }
        // From before there were pairs.
        guard isByPair || settings.acceptsSharedSecret else { throw .unknownKey }
        // Whoever has the shared secret may sign as Supabase documents it, without issuer and audience; what is said must fit.
        if let issuers = settings.acceptedIssuers {
            guard claims.issuer.map({ issuers.contains($0) }) ?? !isByPair else { throw .otherIssuer }
        }
        let audiences = claims.audiences
        guard audiences.isEmpty ? !isByPair : audiences.contains(Self.audience) else { throw .otherAudience }
    }

    private func principal(of claims: Claims, _ services: Services) async throws -> Principal {
        guard let session = claims.session, let person = claims.subject else { throw Problem(.badToken) }
        let state = try await sessions.state(of: session, person: person, services)
        let now = services.clock.now()
        guard let state, state.isOpen(at: now) else { throw Problem(.sessionEnded) }
        seen.note(session, at: now)
        return Principal(
            id: person, session: session, organization: state.organization, role: state.role,
            isOperator: state.isOperator, allowance: state.allowance, claims: claims)
    }

    /// What begins each of the person's transactions: claims, organization, and the check of session and role.
    private static func identity(_ principal: Principal) -> SQL {
        """
        set_config('request.jwt.claims', \(principal.claims.text), true),
        set_config('request.organization_id', \(principal.organization), true),
        set_config(
            'request.organization_role',
            auth.enter(\(principal.session), \(principal.id), \(principal.organization), \(principal.role.rawValue)),
            true)
        """
    }
}
