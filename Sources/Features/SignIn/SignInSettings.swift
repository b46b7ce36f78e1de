import Platform

/// GoTrue's settings, by GoTrue's names without their prefix (requirements 3.18).
struct SignInSettings: Sendable {
    let accessTokenLife: Duration
    let refreshTokenLife: Duration
    let reuseInterval: Duration
    let rotatesRefreshTokens: Bool
    let passwordMinimum: Int
    let allowsSignUp: Bool
    let confirmsByItself: Bool
    /// A password may be changed without signing in again when the session is younger than this.
    let reauthenticatesForPassword: Bool
    /// bcrypt's cost: 2^cost rounds. GoTrue's is 10, about 50 ms.
    let hashCost: Int
    /// Whether persons' tokens that JWT_SECRET signed are good.
    let acceptsSharedSecret: Bool
    /// `iss` of our tokens.
    let issuer: String
    /// Our public base address, for links.
    let apiURL: String
    /// How long a link or a code of a letter is good.
    let linkLife: Duration
    /// Whether a letter's link is used up by following it, as GoTrue does; else by the button that it shows.
    let verifiesOnGet: Bool
    /// Whether both addresses must agree to a change.
    let asksBothAddresses: Bool
    /// Where links may end.
    let redirects: Redirects
    /// Those of persons' tokens that are good; nil: any.
    let acceptedIssuers: [String]?
    let sessions: SessionRules
    let allowsAnonymous: Bool
    let accessTokenHook: AccessTokenHook?

    init(_ read: inout SettingReader, _ basics: Basics) {
        let apiURL = basics.apiURL
        self.apiURL = apiURL
        read.group("Sign-in")
        accessTokenLife = read.seconds(
            "JWT_EXPIRY", default: .seconds(7 * 86_400), in: .seconds(60)...(.seconds(30 * 86_400)),
            config: "auth.jwt_expiry", "How long an access token lives.")
        refreshTokenLife = read.seconds(
            "REFRESH_TOKEN_EXPIRY", default: .seconds(30 * 86_400), in: .seconds(3_600)...(.seconds(365 * 86_400)),
            "How long a refresh token can be exchanged.")
        rotatesRefreshTokens = read.bool(
            "SECURITY_REFRESH_TOKEN_ROTATION_ENABLED", default: true, config: "auth.refresh_token_rotation_enabled",
            "Whether each refresh gives a new refresh token, and a second use of an old one ends the session.")
        reuseInterval = read.seconds(
            "SECURITY_REFRESH_TOKEN_REUSE_INTERVAL", default: .seconds(10), in: .seconds(0)...(.seconds(60)),
            config: "auth.refresh_token_reuse_interval",
            "How long a used refresh token gives the same child again, for clients that lost the answer.")
        passwordMinimum = read.int(
            "PASSWORD_MIN_LENGTH", default: 8, in: 6...72, config: "auth.minimum_password_length",
            "Fewest characters of a password, in Unicode's NFKC. 15 is advised where there is no second factor.")
        allowsSignUp =
            !read.bool("DISABLE_SIGNUP", default: false, "Whether new people are refused.")
        confirmsByItself = read.bool(
            "MAILER_AUTOCONFIRM", default: read.stage == .development || read.stage == .test,
            "Whether an address counts as confirmed without a mail.")
        reauthenticatesForPassword = read.bool(
            "SECURITY_UPDATE_PASSWORD_REQUIRE_REAUTHENTICATION", default: true,
            config: "auth.email.secure_password_change",
            "Whether a password change needs a session younger than 24 hours.")
        acceptsSharedSecret = read.bool(
            "JWT_ACCEPT_HS256", default: true,
            "Whether access tokens of persons that JWT_SECRET signed are good. Turn it off JWT_EXPIRY after the first "
                + "`leansaas keys rotate`; the anon and service_role keys stay good.")
        hashCost = read.stage == .test ? 4 : 10
        let issuers = read.list(
            "JWT_ISSUER", default: [], config: "auth.jwt_issuer",
            "`iss` of access tokens; API_URL/auth/v1 unless set. With commas: earlier ones whose tokens are still good, while "
                + "an address changes. In development any is good unless this is set: ports change there.")
        linkLife = read.seconds(
            "MAILER_OTP_EXP", default: .seconds(3_600), in: .seconds(60)...(.seconds(86_400)),
            config: "auth.email.otp_expiry", "How long a link or a code of a letter is good.")
        verifiesOnGet = read.bool(
            "MAILER_VERIFY_ON_GET", default: false,
            "Whether following a letter's link uses it up, as GoTrue has it. Programs that look for harm in mail follow links too, and "
                + "then the reader's no longer works.")
        asksBothAddresses = read.bool(
            "MAILER_SECURE_EMAIL_CHANGE_ENABLED", default: true, config: "auth.email.double_confirm_changes",
            "Whether the old address must agree to a new one too.")
        let allowed = read.list(
            "URI_ALLOW_LIST", default: [], config: "auth.additional_redirect_urls",
            "Where links may end beside APP_URL. `*` is anything but `.` and `/`, `**` anything; before the first `/` both "
                + "stand only for what hosts' names are made of.")
        redirects = Redirects(site: basics.appURL, own: apiURL, allowed: allowed)
        issuer = issuers.first ?? apiURL + "/auth/v1"
        sessions = SessionRules(&read)
        allowsAnonymous = read.bool(
            "EXTERNAL_ANONYMOUS_USERS_ENABLED", default: false, config: "auth.enable_anonymous_sign_ins",
            "Whether people may sign up without an address, for as long as they have their session.")
        accessTokenHook = AccessTokenHook.read(&read)
        acceptedIssuers = issuers.isEmpty ? (read.stage == .development ? nil : [issuer]) : issuers
    }
}
