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
        let query = redirect.flatMap { $0.isEmpty ? nil : $0 }.map { "?redirect_to=" + QueryString.encode($0) } ?? ""
        let here: (String, String) = ("/account/sign-in" + query, texts.haveAccount)
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
                    PageForm.links([here]),
                ])
        case .recover:
            return page(
                texts.recover, call,
                PageForm.complaint(complaint) + [
                    .element("p", .text(texts.recoverText)),
                    PageForm.form(
                        "/account/recover",
                        [hidden, PageForm.email(texts.email, email), PageForm.button(texts.sendLetter)]),
                    PageForm.links([here]),
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
        } catch let problem as Problem {
            return form(.signIn, input.email, input.redirect, try complaint(problem, call), call)
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
            case .unconfirmed: return letterSent(call)
            }
        } catch let problem as Problem {
            return form(.signUp, input.email, input.redirect, try complaint(problem, call), call)
        }
    }

    func recoverByForm(_ call: Call<Visitor, Form>) async throws -> Page {
        let wish = LinkWish(
            email: call.input.email, phone: nil, makesAccount: false, metadata: nil, challenge: nil,
            challengeMethod: nil,
            redirect: call.input.redirect)
        do {
            _ = try await askForRecovery(call.with(wish))
            return letterSent(call)
        } catch let problem as Problem {
            return form(.recover, call.input.email, call.input.redirect, try complaint(problem, call), call)
        }
    }

    private func letterSent(_ call: Call<Visitor, Form>) -> Page {
        let texts = pageTexts(call.request)
        return page(texts.letterSent, call, [.element("p", .text(texts.letterSentText))])
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
        case .signupDisabled: return texts.closed
        case .userExists, .emailExists: return texts.taken
        default: throw problem
        }
    }
}
