import Platform

/// What the pages of sign-in say, in one language. A text that is missing in one does not compile.
struct PageTexts: Sendable {
    /// Of a sign-up's link.
    let confirmAddress: String
    let acceptInvitation: String
    let signInByLink: String
    let setPassword: String
    let changeAddress: String
    /// Why there is a button: programs that read mail follow links.
    let askToGoOn: String
    let goOn: String
    let linkEnded: String
    let linkEndedText: String
    let newLink: String
    let halfAgreed: String
    let halfAgreedText: String
    let signedIn: String
    let signedInText: String
    let goToSite: String
    let signIn: String
    let signUp: String
    let recover: String
    let recoverText: String
    let sendLetter: String
    let email: String
    let password: String
    let newPassword: String
    let savePassword: String
    /// `%` is the fewest characters.
    let passwordRule: String
    let noAccount: String
    let haveAccount: String
    let backToSignIn: String
    let forgot: String
    let wrong: String
    let unconfirmed: String
    let banned: String
    let badEmail: String
    /// Where FEATURE_EMAIL is off.
    let noMail: String
    let weak: String
    let long: String
    let locked: String
    let busy: String
    let closed: String
    let taken: String
    let letterSent: String
    let letterSentText: String
    /// The field for the six digits of an email.
    let code: String
    let wrongCode: String
    let sendAgain: String
    let passwordSet: String
    let passwordSetText: String

    static func texts(in language: Language) -> PageTexts {
        switch language {
        case .english: .english
        case .spanish: .spanish
        case .german: .german
        case .french: .french
        case .vietnamese: .vietnamese
        }
    }
}
