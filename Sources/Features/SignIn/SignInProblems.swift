import Platform

/// GoTrue's refusals, by its codes and sentences. Source: supabase/auth, internal/api/apierrors/errorcode.go.
extension ProblemKind {
    static let invalidCredentials = ProblemKind("invalid_credentials", 400, "Invalid login credentials")
    static let emailNotConfirmed = ProblemKind("email_not_confirmed", 400, "Email not confirmed")
    static let userBanned = ProblemKind("user_banned", 400, "User is banned")
    static let userExists = ProblemKind("user_already_exists", 422, "User already registered")
    static let emailExists = ProblemKind(
        "email_exists", 422, "A user with this email address has already been registered")
    static let weakPassword = ProblemKind("weak_password", 422, "The password is too weak.")
    static let longPassword = ProblemKind(
        "validation_failed", 400, "Password cannot be longer than 72 bytes")
    static let samePassword = ProblemKind(
        "same_password", 422, "New password should be different from the old password.")
    static let validationFailed = ProblemKind("validation_failed", 400, "The request is not valid.")
    static let invalidEmail = ProblemKind(
        "validation_failed", 400, "Unable to validate email address: invalid format")
    static let signupDisabled = ProblemKind("signup_disabled", 422, "Signups not allowed for this instance")
    static let unsupportedGrant = ProblemKind("invalid_credentials", 400, "unsupported_grant_type")
    static let phoneDisabled = ProblemKind("phone_provider_disabled", 400, "Phone logins are disabled")
    static let emailDisabled = ProblemKind("email_provider_disabled", 400, "This server sends no mail.")
    static let linkExpired = ProblemKind("otp_expired", 403, "Token has expired or is invalid")
    static let flowNotFound = ProblemKind("flow_state_not_found", 404, "invalid flow state, no valid flow state found")
    static let flowExpired = ProblemKind("flow_state_expired", 403, "invalid flow state, flow state has expired")
    static let badVerifier = ProblemKind(
        "bad_code_verifier", 400, "code challenge does not match previously saved code verifier")
    static let refreshTokenNotFound = ProblemKind(
        "refresh_token_not_found", 400, "Invalid Refresh Token: Refresh Token Not Found")
    static let refreshTokenUsed = ProblemKind(
        "refresh_token_already_used", 400, "Invalid Refresh Token: Already Used")
    static let badToken = ProblemKind("bad_jwt", 401, "The token is not valid.")
    static let tokenExpired = ProblemKind("bad_jwt", 401, "The token has expired.")
    static let badAPIKey = ProblemKind("invalid_api_key", 401, "Invalid API key")
    static let reauthenticationNeeded = ProblemKind(
        "reauthentication_needed", 400, "Password update requires reauthentication.")
    static let nonceInvalid = ProblemKind(
        "reauthentication_not_valid", 422, "Nonce has expired or is invalid")
    /// Ours: GoTrue has no such rule.
    static let unlockByLetter = ProblemKind(
        "UNLOCK_BY_LETTER", 403,
        "Too many wrong passwords were tried. If this address has an account, a letter with a link and a code to sign in with "
            + "is on its way to it.")
    static let passwordsBusy = ProblemKind(
        "SERVICE_UNAVAILABLE", 503, "Too many people are signing in right now. Try again shortly.")
    static let leaksUnknown = ProblemKind(
        "SERVICE_UNAVAILABLE", 503, "New passwords cannot be checked right now. Try again shortly.")
}

extension Event {
    static let signedUp = Event("sign_up.succeeded", "A person signed up", kept: .in(.auth))
    static let signedIn = Event("sign_in.succeeded", "A person signed in", kept: .in(.auth))
    static let signInFailed = Event(
        "failed_login_attempts", "Somebody showed a wrong password", at: .notice, kept: .security(.auth, .failure))
    static let signedOut = Event("sign_out.succeeded", "A person signed out", kept: .in(.auth))
    static let refreshTokenReused = Event(
        "refresh_token.reused", "A used refresh token came again after its interval: its session was ended",
        at: .warning, kept: .security(.auth, .denied))
    static let addressConfirmed = Event(
        "address.confirmed", "A person showed that an address is theirs", kept: .in(.auth))
    static let addressChanged = Event(
        "address.changed", "A person's account has another address", at: .notice, kept: .in(.auth))
    static let passwordChanged = Event(
        "password_changes", "A person changed their password", at: .notice, kept: .security(.auth))
}
