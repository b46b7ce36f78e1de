import Crypto
import Platform
import Postgres

/// Sign-in with GoTrue's routes, tables and refusals: accounts, passwords, sessions, tokens.
struct SignIn: Sendable {
    let settings: SignInSettings
    let sessions = Sessions()
    let seen = SeenSessions()
    let signingKeys = SigningKeys()
    let passwords: Passwords
    let passwordRule: PasswordRule
    let refreshKey: SymmetricKey
    let linkKeys: LinkKeys

    init(_ settings: SignInSettings, secret: Secret) {
        self.settings = settings
        passwords = Passwords(cost: settings.hashCost)
        passwordRule = PasswordRule(minimum: settings.passwordMinimum)
        refreshKey = RefreshToken.childKey(secret)
        linkKeys = LinkKeys(secret)
    }
}

extension Feature {
    public static func signIn(_ read: inout SettingReader, _ basics: Basics) -> Feature {
        let signIn = SignIn(SignInSettings(&read, basics), secret: basics.tokenSecret)
        return Feature(
            name: "auth",
            needs: ["core", "jobs", "mailing"],
            routes: signIn.routes + signIn.adminRoutes + signIn.ownSessionRoutes + signIn.pages,
            schema: SignIn.schema,
            jobs: [signIn.sendLinkJob, signIn.noticeJob, signIn.forgetEndedJob],
            events: [
                .signedUp, .signedIn, .signInFailed, .signedOut, .refreshTokenReused, .passwordChanged,
                .addressConfirmed, .addressChanged, .adminAction, .sessionRevoked, .accountDeleted,
            ],
            checks: [HealthCheck("auth") { try await signIn.check($0) }],
            subscriptions: [signIn.sessions.subscription, signIn.signingKeys.subscription],
            letters: LetterKind.signIn,
            memories: [signIn.sessions.memory],
            authenticator: signIn.authenticator,
            background: [signIn.seen.service]
        )
    }
}

extension SignIn {
    fileprivate var routes: [Route] {
        [
            .post(
                "/auth/v1/signup", .public, "Make an account",
                fails: [
                    .anonymousDisabled, .hookRejected, .hookTimeout, .userExists, .weakPassword, .longPassword,
                    .invalidEmail,
                    .signupDisabled, .phoneDisabled, .passwordsBusy, .leaksUnknown,
                ],
                signUp
            ).limited(by: .register, .auth),
            .post(
                "/auth/v1/token", .public, "Exchange a password or a refresh token for tokens",
                fails: [
                    .invalidCredentials, .emailNotConfirmed, .userBanned, .refreshTokenNotFound, .refreshTokenUsed,
                    .unsupportedGrant, .phoneDisabled, .passwordsBusy, .unlockByLetter, .flowNotFound, .flowExpired,
                    .badVerifier,
                    .sessionExpired, .hookRejected, .hookTimeout,
                ], token
            ).duringMaintenance().limited(by: .login, .auth, .account),
            .get("/auth/v1/user", .signedIn, "Who is signed in", readUser).answers(.json(User.memberType)),
            .post("/auth/v1/otp", .public, "Ask for a link to sign in with", fails: asking, askForMagicLink).limited(
                by: .auth),
            .post("/auth/v1/magiclink", .public, "Ask for a link to sign in with", fails: asking, askForMagicLink)
                .limited(by: .auth),
            .post("/auth/v1/recover", .public, "Ask for a link to set a new password", fails: asking, askForRecovery)
                .limited(by: .auth),
            .post("/auth/v1/resend", .public, "Ask for a letter once more", fails: asking, resend).limited(by: .auth),
            .get(
                "/auth/v1/reauthenticate", .signedIn, "Ask for a code before a password is changed",
                fails: [.emailDisabled, .emailNotConfirmed], reauthenticate
            ).limited(by: .auth),
            .post(
                "/auth/v1/verify", .public, "Use up a link or a code",
                fails: [
                    .linkExpired, .hookRejected, .hookTimeout, .userBanned, .emailExists, .phoneDisabled, .invalidEmail,
                ], verify
            ).answers(.json(.either([TokenAnswer.memberType, HalfAgreed.memberType]))).limited(by: .auth, .code),
            .put(
                "/auth/v1/user", .signedIn, "Change one's own account",
                fails: [
                    .emailExists, .invalidEmail, .weakPassword, .longPassword, .samePassword, .anonymousNeedsEmail,
                    .reauthenticationNeeded, .nonceInvalid,
                    .phoneDisabled,
                    .emailDisabled, .linkExpired, .passwordsBusy, .leaksUnknown,
                ], changeUser
            ).limited(by: .code),
            .post("/auth/v1/logout", .signedIn, "End sessions", signOut).duringMaintenance(),
            .get("/auth/v1/settings", .public, "What sign-in allows", publicSettings)
                .answers(.json(Self.settingsType)).duringMaintenance(),
            .get("/auth/v1/health", .public, "Whether sign-in is there", health)
                .answers(.json(Self.healthType)).duringMaintenance(),
            .get("/auth/v1/.well-known/jwks.json", .public, "The public keys of access tokens", publicKeys)
                .answers(.json(Self.keySetType, kept: true)).named("auth_jwks").duringMaintenance(),
            .get("/.well-known/jwks.json", .public, "The public keys of access tokens", publicKeys)
                .answers(.json(Self.keySetType, kept: true)).named("jwks").duringMaintenance(),
        ]
    }
}

extension SignIn {
    /// What asking for a letter may be refused with.
    fileprivate var asking: [ProblemKind] { [.invalidEmail, .phoneDisabled, .emailDisabled] }

    /// Its tables can be read, and the pair that signs can be opened.
    fileprivate func check(_ services: Services) async throws {
        _ = try await services.platform.run("select 1 from auth.users limit 1")
        try await signingKeys.prepare(services)
        try await settings.accessTokenHook?.check(services)
        if let fault = signingKeys.signerFault { throw fault }
    }
}
