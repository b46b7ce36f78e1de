import Codecs
import Platform

/// The parts of forms.
enum PageForm {
    static func form(_ action: String, _ children: [HTML]) -> HTML {
        .element("form", ["method": "post", "action": action], children)
    }

    static func hidden(_ name: String, _ value: String) -> HTML {
        .void("input", ["type": "hidden", "name": name, "value": value])
    }

    static func button(_ text: String) -> HTML { .element("button", ["type": "submit"], .text(text)) }

    static func email(_ label: String, _ value: String) -> HTML {
        field(
            label, "email",
            ["type": "email", "autocomplete": "username", "maxlength": "254", "inputmode": "email", "value": value])
    }

    static func code(_ label: String) -> HTML {
        field(
            label, "code",
            ["inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": "20", "class": "code"])
    }

    /// - Parameter isNew: whether browsers should offer to make one up.
    static func password(_ label: String, isNew: Bool) -> HTML {
        field(
            label, "password",
            ["type": "password", "autocomplete": isNew ? "new-password" : "current-password", "maxlength": "200"])
    }

    private static func field(_ label: String, _ name: String, _ attributes: KeyValuePairs<String, String>) -> HTML {
        .element("label", ["for": name], .text(label))
            + .void("input", ["id": name, "name": name, "required": ""], and: attributes)
    }

    /// What went wrong, which screen readers say at once.
    static func complaint(_ text: String?) -> [HTML] {
        text.map { [.element("p", ["class": "bad", "role": "alert"], .text($0))] } ?? []
    }

    /// What is behind the address of a page whose reader wants to go there afterwards.
    static func query(_ redirect: String?) -> String {
        guard let redirect, !redirect.isEmpty else { return "" }
        return "?redirect_to=" + QueryString.encode(redirect)
    }

    static func links(_ links: [(String, String)]) -> HTML {
        .element("p", ["class": "links"], links.map { .element("a", ["href": $0.0], .text($0.1)) })
    }
}

extension SignIn {
    func pageTexts(_ request: RequestFacts) -> PageTexts { .texts(in: Self.language(of: nil, request)) }

    func page<Input>(_ title: String, _ call: Call<Visitor, Input>, next: String? = nil, _ content: [HTML]) -> Page {
        Page(
            title, in: Self.language(of: nil, call.request), product: call.services.mail.from.name, next: next, content)
    }
}
