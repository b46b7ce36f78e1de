import Codecs
import Crypto
import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The right to set a new password, for ten minutes and so long as the session stands that a letter opened: what the page's form
/// carries. Nobody else can make one.
struct PasswordGrant: Sendable {
    let text: String

    private static let life: Double = 600

    init(of state: SessionState, at now: Date, _ keys: LinkKeys) {
        let end = Int(now.timeIntervalSince1970 + Self.life)
        let claim = "\(state.id.text).\(end)"
        text = claim + "." + Self.seal(claim, keys)
    }

    /// The session, when the grant is ours and its time is not over.
    static func session(in text: String, at now: Date, _ keys: LinkKeys) -> ID<Session>? {
        let parts = text.split(separator: ".")
        guard parts.count == 3, let end = Int(parts[1]), Double(end) > now.timeIntervalSince1970 else { return nil }
        let seal = seal("\(parts[0]).\(parts[1])", keys)
        guard ConstantTime.equal(Array(seal.utf8), Array(parts[2].utf8)) else { return nil }
        return ID<Session>(String(parts[0]))
    }

    private static func seal(_ claim: String, _ keys: LinkKeys) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Array("password grant \(claim)".utf8), using: keys.derivation)
        return Base64URL.encode(Array(code))
    }
}

extension SignIn {
    struct NewPasswordForm: RequestInput {
        let grant: String
        let password: String

        static let input = Input<NewPasswordForm>(
            Field.text("grant", 1...300, "What the page gave.").example("made-up"),
            .text("password", 0...1_000, default: "", "The new password."),
            make: NewPasswordForm.init(grant:password:)
        )
    }

    func newPassword<Input>(_ grant: String, _ complaint: String?, _ call: Call<Visitor, Input>) -> Page {
        let texts = pageTexts(call.request)
        let rule = texts.passwordRule.replacing("%", with: "\(settings.passwordMinimum)")
        return page(
            texts.setPassword, call,
            PageForm.complaint(complaint) + [
                PageForm.form(
                    "/account/password",
                    [
                        PageForm.hidden("grant", grant), PageForm.password(texts.newPassword, isNew: true),
                        .element("p", .text(rule)), PageForm.button(texts.savePassword),
                    ])
            ])
    }

    /// Sets the password and ends all sessions, the letter's own too: the person signs in with it.
    func setPasswordByForm(_ call: Call<Visitor, NewPasswordForm>) async throws -> Page {
        let texts = pageTexts(call.request)
        let gone = page(
            texts.linkEnded, call,
            [.element("p", .text(texts.linkEndedText)), PageForm.links([("/account/recover", texts.newLink)])])
        guard let session = PasswordGrant.session(in: call.input.grant, at: call.now, linkKeys),
            let state = try await sessions.read(session, call.services), state.isOpen(at: call.now)
        else { return gone }
        let hash: PasswordHash
        do {
            hash = try await passwords.hash(
                passwordRule.admit(call.input.password, for: PasswordOwner(state.user), call.services))
        } catch let problem as Problem {
            return newPassword(call.input.grant, try complaint(problem, call), call)
        }
        guard try await setPassword(hash, of: state, call) else { return gone }
        sessions.forget(state.user.id)
        return page(
            texts.passwordSet, call,
            [
                .element("p", .text(texts.passwordSetText)),
                .element("a", ["class": "button", "href": "/account/sign-in"], .text(texts.signIn)),
            ])
    }

    /// False when the session has ended meanwhile: of two who press the button one sets the password.
    private func setPassword<Input>(
        _ hash: PasswordHash, of state: SessionState, _ call: Call<Visitor, Input>
    ) async throws -> Bool {
        let notice = try Self.posting(
            .passwordChanged, to: state.user.email, state.user.userMetadata, call.request, call.services)
        return try await call.platform.transaction { transaction in
            let ended = try await transaction.run("delete from auth.sessions where id = \(state.id)")
            guard ended == 1 else { return false }
            try await transaction.run("delete from auth.sessions where user_id = \(state.user.id)")
            try await transaction.run(
                """
                update auth.users set encrypted_password = \(hash.text), updated_at = \(call.now)
                where id = \(state.user.id)
                """)
            try await transaction.run(
                call.recording(.passwordChanged, of: .person(state.user.id), as: state.user.id))
            for statement in Self.endingLinks(of: state.user.id) + notice { try await transaction.run(statement) }
            return true
        }
    }
}
