import Platform

extension SignIn {
    /// Pages for people. They go about their work by the verbs of the API, with the same limits.
    var pages: [Route] {
        [
            verifyRoute.named("auth_verify_page").limited(by: .auth),
            .post("/account/verify", .public, "Use up a letter's link", followLink).limited(by: .auth),
            .post("/account/code", .public, "Use up a letter's code", useCode).limited(by: .auth, .code),
            .get("/account/sign-in", .public, "The page to sign in at", showSignIn),
            .post("/account/sign-in", .public, "Sign in", signInByForm).limited(by: .login, .auth, .account),
            .get("/account/sign-up", .public, "The page to make an account at", showSignUp),
            .post("/account/sign-up", .public, "Make an account", signUpByForm).limited(by: .register, .auth),
            .get("/account/recover", .public, "The page for a forgotten password", showRecover),
            .post("/account/recover", .public, "Ask for a letter", recoverByForm).limited(by: .auth),
            .post("/account/password", .public, "Set a new password", setPasswordByForm).limited(by: .auth),
        ]
    }

    private var verifyRoute: Route {
        guard settings.verifiesOnGet else {
            return .get("/auth/v1/verify", .public, "The page that a letter's link leads to", showLink)
        }
        return .get(
            "/auth/v1/verify", .public, "Use up a letter's link, and go on to where it ends",
            fails: [.hookRejected, .hookTimeout], verifyByLink
        ).answers(.elsewhere)
    }
}
