import Codecs
import Platform
import Postgres

extension SignIn {
    /// Where a person who signs in on our pages wants to go.
    struct Wish: RequestInput {
        let redirect: String?

        static let input = Input<Wish>(
            .optionalText("redirect_to", 0...2_000, "Where the person goes afterwards."), make: Wish.init(redirect:))
    }

    struct Form: RequestInput {
        let email: String
        let password: String
        let redirect: String?

        static let input = Input<Form>(
            .text("email", 0...254, default: "", "The person's address."),
            .text("password", 0...1_000, default: "", "Their password."),
            .optionalText("redirect_to", 0...2_000, "Where the person goes afterwards."),
            make: Form.init(email:password:redirect:)
        )
    }

    enum Kind: Sendable {
        case signIn, signUp, recover
    }

    func showSignIn(_ call: Call<Visitor, Wish>) async throws -> Page {
        form(.signIn, "", call.input.redirect, nil, call)
    }
    func showSignUp(_ call: Call<Visitor, Wish>) async throws -> Page {
        form(.signUp, "", call.input.redirect, nil, call)
    }
    func showRecover(_ call: Call<Visitor, Wish>) async throws -> Page {
        form(.recover, "", call.input.redirect, nil, call)
    }

    private func form<Input>(
        _ kind: Kind, _ email: String, _ redirect: String?, _ complaint: String?, _ call: Call<Visitor, Input>
    ) -> Page {
        let texts = pageTexts(call.request)
        let hidden = PageForm.hidden("redirect_to", redirect ?? "")
        let query = PageForm.query(redirect)
        let signIn = "/account/sign-in" + query
        switch kind {
        case .signIn:
            return page(
                texts.signIn, call,
                PageForm.complaint(complaint) + [
                    PageForm.form(
                        "/account/sign-in",
                        [
                            hidden, PageForm.email(texts.email, email), PageForm.password(texts.password, isNew: false),
                            PageForm.button(texts.signIn),
                        ]),
                    PageForm.links([
                        ("/account/sign-up" + query, texts.noAccount), ("/account/recover" + query, texts.forgot),
                    ]),
                ])
        case .signUp:
            let rule = texts.passwordRule.replacing("%", with: "\(settings.passwordMinimum)")
            return page(
                texts.signUp, call,
                PageForm.complaint(complaint) + [
                    PageForm.form(
                        "/account/sign-up",
                        [
                            hidden, PageForm.email(texts.email, email), PageForm.password(texts.password, isNew: true),
                            .element("p", .text(rule)), PageForm.button(texts.signUp),
                        ]),
                    PageForm.links([(signIn, texts.haveAccount)]),
                ])
        case .recover:
            return page(
                texts.recover, call,
                PageForm.complaint(complaint) + [
                    .element("p", .text(texts.recoverText)),
                    PageForm.form(
                        "/account/recover",
                        [hidden, PageForm.email(texts.email, email), PageForm.button(texts.sendLetter)]),
                    PageForm.links([(signIn, texts.backToSignIn)]),
                ])
        }
    }

    /// Signs in by the very verb of the API, with its limits, and sends the person on.
    func signInByForm(_ call: Call<Visitor, Form>) async throws -> Page {
        let input = call.input
        let grant = Grant(
            type: "password", email: input.email, phone: nil, password: input.password, refreshToken: nil,
            authCode: nil,
            codeVerifier: nil)
        do {
            let answer = try await token(call.with(grant))
            return sendOn(answer, input.redirect, call)
        } catch let problem as Problem where problem.kind == .unlockByLetter {
            return checkEmail(
                TypedCode(input.email, "", .magiclink, input.redirect), try complaint(problem, call), call)
        } catch let problem as Problem {
            return try again(.signIn, problem, call)
        }
    }

    func signUpByForm(_ call: Call<Visitor, Form>) async throws -> Page {
        let input = call.input
        let registration = Registration(
            email: input.email, phone: nil, password: input.password,
            metadata: ["language": .string(Self.language(of: nil, call.request).rawValue)], challenge: nil,
            challengeMethod: nil, redirect: input.redirect)
        do {
            switch try await signUp(call.with(registration)) {
            case .signedIn(let tokens): return sendOn(tokens, input.redirect, call)
            case .unconfirmed: return letterSent(.signup, call)
            }
        } catch let problem as Problem {
            return try again(.signUp, problem, call)
        }
    }

    func recoverByForm(_ call: Call<Visitor, Form>) async throws -> Page {
        let wish = LinkWish(
            email: call.input.email, phone: nil, makesAccount: false, metadata: nil, challenge: nil,
            challengeMethod: nil,
            redirect: call.input.redirect)
        do {
            _ = try await askForRecovery(call.with(wish))
            return letterSent(.recovery, call)
        } catch let problem as Problem {
            return try again(.recover, problem, call)
        }
    }

    private func letterSent(_ purpose: CodePurpose, _ call: Call<Visitor, Form>) -> Page {
        checkEmail(TypedCode(call.input.email, "", purpose, call.input.redirect), nil, call)
    }

    /// The form once more, with what is wrong. Whoever has to wait is told so by the status, too.
    private func again(_ kind: Kind, _ problem: Problem, _ call: Call<Visitor, Form>) throws -> Page {
        var page = form(kind, call.input.email, call.input.redirect, try complaint(problem, call), call)
        if problem.kind == .rateLimited {
            page.status = problem.kind.status
            page.retryAfterSeconds = problem.retryAfterSeconds
        }
        return page
    }

    /// What a person is told; what is no word for them stays a refusal.
    func complaint<Input>(_ problem: Problem, _ call: Call<Visitor, Input>) throws -> String {
        let texts = pageTexts(call.request)
        switch problem.kind {
        case .invalidCredentials, .validationFailed: return texts.wrong
        case .emailNotConfirmed: return texts.unconfirmed
        case .userBanned: return texts.banned
        case .invalidEmail: return texts.badEmail
        case .weakPassword, .samePassword: return texts.weak
        case .longPassword: return texts.long
        case .unlockByLetter: return texts.locked
        case .passwordsBusy, .leaksUnknown: return texts.busy
        case .rateLimited: return problem.sentence(in: Self.language(of: nil, call.request))
        case .emailDisabled: return texts.noMail
        case .signupDisabled: return texts.closed
        case .userExists, .emailExists: return texts.taken
        default: throw problem
        }
    }
}
