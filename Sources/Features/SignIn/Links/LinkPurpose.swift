import Platform

/// What a link or a code in a letter is for.
enum LinkPurpose: String, Sendable, Codable, CaseIterable {
    case signup
    case invite
    case magiclink
    case recovery
    /// To the new address.
    case emailChange = "email_change"
    /// To the present address, when both must agree.
    case emailChangeCurrent = "email_change_current"
    case reauthentication
    /// Signs in as a magic link does, after too many wrong passwords.
    case unlock

    /// `auth.one_time_tokens.token_type`: a person has at most one token of each.
    var tokenType: String {
        switch self {
        case .signup, .invite: "confirmation_token"
        case .magiclink, .recovery, .unlock: "recovery_token"
        case .emailChange: "email_change_token_new"
        case .emailChangeCurrent: "email_change_token_current"
        case .reauthentication: "reauthentication_token"
        }
    }

    /// `type` of the link, as GoTrue's clients send it back.
    var verificationType: String {
        switch self {
        case .emailChange, .emailChangeCurrent: "email_change"
        case .unlock: "magiclink"
        default: rawValue
        }
    }

    /// What a session says of it that a client's code has opened. A link or a code that signs in by itself is `otp`, whatever
    /// it was for, as GoTrue has it.
    var method: SignInMethod {
        switch self {
        case .signup: .emailSignUp
        case .invite: .invite
        case .magiclink, .unlock: .magiclink
        case .recovery: .recovery
        case .emailChange, .emailChangeCurrent: .emailChange
        case .reauthentication: .otp
        }
    }

    var letter: LetterKind {
        switch self {
        case .signup: .confirmation
        case .invite: .invite
        case .magiclink: .magicLink
        case .recovery: .recovery
        case .emailChange: .emailChange
        case .emailChangeCurrent: .emailChangeCurrent
        case .reauthentication: .reauthentication
        case .unlock: .unlock
        }
    }

    /// The token types that GoTrue's `type` of a verification may mean; nil for a word that is none.
    static func tokenTypes(of verification: String) -> [String]? {
        switch verification {
        case "invite": ["confirmation_token"]
        // The first link to sign in with that somebody gets confirms their address too.
        case "signup": ["confirmation_token", "recovery_token"]
        case "magiclink", "recovery": ["recovery_token"]
        case "email": ["confirmation_token", "recovery_token"]
        case "email_change": ["email_change_token_new", "email_change_token_current"]
        default: nil
        }
    }
}
