import Codecs
import Platform

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension SignIn {
    /// To where the person was going, with their tokens behind `#`, which no server sees.
    func sendOn<Input>(_ answer: TokenAnswer, _ redirect: String?, _ call: Call<Visitor, Input>) -> Page {
        let texts = pageTexts(call.request)
        let target = settings.redirects.target(redirect).prefix { $0 != "#" }
        let expires = Int(call.now.timeIntervalSince1970) + answer.expiresInSeconds
        let next =
            target + "#"
            + QueryString.encode([
                "access_token": answer.accessToken, "expires_at": "\(expires)",
                "expires_in": "\(answer.expiresInSeconds)", "refresh_token": answer.refreshToken,
                "token_type": "bearer", "type": "signin",
            ])
        return page(
            texts.signedIn, call, next: String(next),
            [
                .element("p", .text(texts.signedInText)),
                .element("a", ["class": "button", "href": String(next)], .text(texts.goToSite)),
            ])
    }
}
