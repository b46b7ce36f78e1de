import Codecs
import HTTPTypes
import Platform
import Postgres

extension SignIn {
    struct FollowedLink: RequestInput {
        let token: String
        let type: String
        let redirect: String?

        static let input = Input<FollowedLink>(
            // Programs that read mail break links: those find the page that says so.
            .text("token", 0...2_000, default: "", "What the letter's link carries."),
            Field.text("type", 0...2_000, default: "", "What the link is for.").example("magiclink"),
            .optionalText("redirect_to", 0...2_000, "Where it ends."),
            make: FollowedLink.init(token:type:redirect:)
        )
    }

    /// What a letter's link shows: a button. The link itself uses nothing up, since programs that look for harm in mail follow
    /// every link before its reader does.
    func showLink(_ call: Call<Visitor, FollowedLink>) async throws -> Page {
        let input = call.input
        let texts = pageTexts(call.request)
        guard !input.token.isEmpty, LinkPurpose.tokenTypes(of: input.type) != nil else { return ended(texts, call) }
        let title =
            switch input.type {
            case "signup": texts.confirmAddress
            case "invite": texts.acceptInvitation
            case "recovery": texts.setPassword
            case "email_change": texts.changeAddress
            default: texts.signInByLink
            }
        return page(
            title, call,
            [
                .element("p", .text(texts.askToGoOn)),
                PageForm.form(
                    "/account/verify",
                    [
                        PageForm.hidden("token", input.token), PageForm.hidden("type", input.type),
                        PageForm.hidden("redirect_to", input.redirect ?? ""), PageForm.button(texts.goOn),
                    ]),
            ])
    }

    /// The button was pressed: the link is used up, and the person goes on to where they were going.
    func followLink(_ call: Call<Visitor, FollowedLink>) async throws -> Page {
        let input = call.input
        let texts = pageTexts(call.request)
        guard let types = LinkPurpose.tokenTypes(of: input.type) else { return ended(texts, call) }
        let refresh = RefreshToken.random()
        switch try await use(.link(input.token, types: types), by: .browser, refresh, call) {
        case .refused(.userBanned): return page(texts.banned, call, [])
        case .refused: return ended(texts, call)
        case .halfAgreed: return page(texts.halfAgreed, call, [.element("p", .text(texts.halfAgreedText))])
        case .signedIn(let state, let flow): return try await arrival(of: state, flow, refresh, call)
        }
    }

    /// Where somebody arrives by a link, or by its code: at a new password, or on their way.
    func arrival(
        of state: SessionState, _ flow: String?, _ refresh: RefreshToken, _ call: Call<Visitor, FollowedLink>
    ) async throws -> Page {
        let input = call.input
        let texts = pageTexts(call.request)
        let target = settings.redirects.target(input.redirect)
        if input.type == "recovery", target == settings.redirects.site, flow == nil {
            return newPassword(PasswordGrant(of: state, at: call.now, linkKeys).text, nil, call)
        }
        let next = try await ending(target, state, refresh, flow, input.type, call)
        return page(
            texts.signedIn, call, next: next,
            [
                .element("p", .text(texts.signedInText)),
                .element("a", ["class": "button", "href": next], .text(texts.goToSite)),
            ])
    }

    /// Where a link ends: with a code for the client that asked, else with tokens behind `#`, which no server sees.
    func ending<Input>(
        _ target: String, _ state: SessionState, _ refresh: RefreshToken, _ flow: String?, _ type: String,
        _ call: Call<Visitor, Input>
    ) async throws -> String {
        if let flow {
            let (code, statement) = Self.issueCode(for: flow, call.now)
            // The client opens a session of its own with the code: this one has done its work.
            _ = try await call.platform.batch([statement, "delete from auth.sessions where id = \(state.id)"])
            return Redirects.adding(QueryString.encode(["code": code]), to: target)
        }
        let answer = try await tokens(for: state, refresh: refresh, call.services)
        let pairs = QueryString.encode([
            "access_token": answer.accessToken, "expires_at": "\(answer.expiresAt)",
            "expires_in": "\(answer.expiresInSeconds)", "refresh_token": refresh.text, "token_type": "bearer",
            "type": type,
        ])
        return target.prefix { $0 != "#" } + "#" + pairs
    }

    private func ended<Input>(_ texts: PageTexts, _ call: Call<Visitor, Input>) -> Page {
        page(
            texts.linkEnded, call,
            [
                .element("p", .text(texts.linkEndedText)),
                .element("a", ["class": "button", "href": "/account/sign-in"], .text(texts.signIn)),
                PageForm.links([("/account/recover", texts.newLink)]),
            ])
    }
}
