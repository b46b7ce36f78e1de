import Platform

/// How long sessions last, by GoTrue's names without their prefix.
struct SessionRules: Sendable {
    /// From sign-in on, whatever happens; nil: no such end.
    let timebox: Duration?
    /// Without a refresh; nil: as long as the refresh token is good. Access tokens live no longer, so that whoever does
    /// something refreshes in time.
    let inactivity: Duration?
    /// Whether a sign-in ends the person's other sessions.
    let isSinglePerUser: Bool

    /// What `auth_session-management/login` gives (requirements 3.34).
    static let usualLife: Duration = .seconds(86_400)
    static let rememberedLife: Duration = .seconds(30 * 86_400)

    init(_ read: inout SettingReader) {
        let most: ClosedRange<Duration> = .zero ... .seconds(365 * 86_400)
        let timebox = read.seconds(
            "SESSIONS_TIMEBOX", default: .zero, in: most, config: "auth.sessions.timebox",
            "How long after the sign-in a session ends, whatever happens. 0: it does not.")
        let inactivity = read.seconds(
            "SESSIONS_INACTIVITY_TIMEOUT", default: .zero, in: most, config: "auth.sessions.inactivity_timeout",
            "How long after its last refresh a session ends; access tokens live no longer than this. 0: it ends with its "
                + "refresh token.")
        self.timebox = timebox == .zero ? nil : timebox
        self.inactivity = inactivity == .zero ? nil : inactivity
        isSinglePerUser = read.bool(
            "SESSIONS_SINGLE_PER_USER", default: false, "Whether a sign-in ends the person's other sessions.")
        for (name, length) in [("SESSIONS_TIMEBOX", timebox), ("SESSIONS_INACTIVITY_TIMEOUT", inactivity)]
        where length > .zero && length < .seconds(60) {
            read.problem(name, "is shorter than a minute", fix: "Set it to 1m or more, or to 0.")
        }
    }
}

/// What one session is opened with.
struct SessionTerms: Sendable {
    let method: SignInMethod
    /// Nil: as long as the rules allow.
    let life: Duration?
    let device: Device?
    /// Whether another is opened in its place in a moment: nobody is told of it.
    let isPassing: Bool

    init(_ method: SignInMethod, life: Duration? = nil, device: Device? = nil, isPassing: Bool = false) {
        self.method = method
        self.life = life
        self.device = device
        self.isPassing = isPassing
    }
}
