import Codecs
import Platform
import Postgres

extension SignIn {
    /// What a code is for that our own pages ask for.
    enum CodePurpose: String, Sendable, CaseIterable {
        case signup, recovery
        /// After too many wrong passwords.
        case magiclink

        /// The page where another letter is asked for.
        var start: String {
            switch self {
            case .signup: "/account/sign-up"
            case .recovery: "/account/recover"
            case .magiclink: "/account/sign-in"
            }
        }
    }

    struct TypedCode: RequestInput {
        let email: String
        let code: String
        let purpose: CodePurpose
        let redirect: String?

        init(_ email: String, _ code: String, _ purpose: CodePurpose, _ redirect: String?) {
            self.email = email
            self.code = code
            self.purpose = purpose
            self.redirect = redirect
        }

        static let input = Input<TypedCode>(
            .text("email", 0...254, default: "", "The address that the code was sent to."),
            .text("code", 0...100, default: "", "The code of the letter."),
            Field.choice("type", CodePurpose.allCases.map(\.rawValue), "What the code is for.").example("recovery"),
            .optionalText("redirect_to", 0...2_000, "Where the person goes afterwards."),
            make: { TypedCode($0, $1, CodePurpose(rawValue: $2) ?? .recovery, $3) }
        )

        /// People type digits in groups, and copy spaces with them.
        var digits: String { code.filter { !$0.isWhitespace } }
    }

    /// The page after a letter was asked for, where its code can be typed: the same for an address that nobody has.
    func checkEmail<Input>(_ typed: TypedCode, _ complaint: String?, _ call: Call<Visitor, Input>) -> Page {
        let texts = pageTexts(call.request)
        let query = PageForm.query(typed.redirect)
        let signIn = ("/account/sign-in" + query, texts.backToSignIn)
        return page(
            texts.letterSent, call,
            PageForm.complaint(complaint) + [
                .element("p", .text(texts.letterSentText)),
                PageForm.form(
                    "/account/code",
                    [
                        PageForm.hidden("email", typed.email), PageForm.hidden("type", typed.purpose.rawValue),
                        PageForm.hidden("redirect_to", typed.redirect ?? ""), PageForm.code(texts.code),
                        PageForm.button(texts.goOn),
                    ]),
                PageForm.links(
                    typed.purpose == .magiclink ? [signIn] : [(typed.purpose.start + query, texts.sendAgain), signIn]),
            ])
    }

    /// Uses up a letter's code, and ends as its link does.
    func useCode(_ call: Call<Visitor, TypedCode>) async throws -> Page {
        let input = call.input
        let texts = pageTexts(call.request)
        let address = try EmailAddress(input.email).text
        // Codes can be guessed, wherever the guesses come from, and by a new code after every five.
        guard try await call.mayTry(address) else { return refused(Problem(.rateLimited), call) }
        let link = FollowedLink(token: input.digits, type: input.purpose.rawValue, redirect: input.redirect)
        let types = LinkPurpose.tokenTypes(of: link.type) ?? []
        let refresh = RefreshToken.random()
        let proof = LinkProof.code(input.digits, address: address, types: types)
        switch try await use(proof, by: .browser, refresh, call) {
        case .refused(.userBanned): return page(texts.banned, call, [])
        case .refused(let kind): return refused(Problem(kind), call)
        case .halfAgreed: return page(texts.halfAgreed, call, [.element("p", .text(texts.halfAgreedText))])
        case .signedIn(let state, let flow): return try await arrival(of: state, flow, refresh, call.with(link))
        }
    }

    /// The page once more. Its status tells the limits that the attempt has failed.
    private func refused(_ problem: Problem, _ call: Call<Visitor, TypedCode>) -> Page {
        let complaint =
            problem.kind == .rateLimited
            ? problem.sentence(in: Self.language(of: nil, call.request)) : pageTexts(call.request).wrongCode
        var page = checkEmail(call.input, complaint, call)
        page.status = problem.kind.status
        return page
    }
}
