import Codecs

/// A page for people: it works without a script, at any width, in the dark, and with a keyboard alone.
public struct Page: Answerable {
    public var status = 200
    /// Seconds after which trying again makes sense.
    public var retryAfterSeconds: Int?
    let title: String
    let language: Language
    let product: String
    let content: [HTML]
    /// Where the person is sent on after a moment; the page shows the same address as a link.
    var next: String?

    public init(
        _ title: String, in language: Language, product: String, status: Int = 200, next: String? = nil,
        _ content: [HTML]
    ) {
        self.title = title
        self.language = language
        self.product = product
        self.status = status
        self.next = next
        self.content = content
    }

    public var answer: Answer {
        // Pages of sign-in hold what signs in: nobody keeps them.
        var answer = Answer(
            status: status, headers: [(.cacheControl, "no-store")],
            body: .text(Array(document.utf8), type: "text/html; charset=utf-8"))
        if let retryAfterSeconds { answer.headers.append((.retryAfter, String(retryAfterSeconds))) }
        return answer
    }

    public static var success: Success? { .text("text/html", example: "<!doctype html>") }

    var document: String {
        var head: [HTML] = [
            .void("meta", ["charset": "utf-8"]),
            .void("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
            .void("meta", ["name": "color-scheme", "content": "light dark"]),
            .void("meta", ["name": "robots", "content": "noindex"]),
            .element("title", .text("\(title) · \(product)")),
            .void("link", ["rel": "stylesheet", "href": PageStyle.path]),
        ]
        if let next { head.append(.void("meta", ["http-equiv": "refresh", "content": "1;url=\(next)"])) }
        let main = HTML.element("main", ["id": "content"], [.element("h1", .text(title))] + content)
        return HTML.element(
            "html", ["lang": language.rawValue],
            [
                .element("head", head),
                .element("body", [.element("header", .element("p", ["class": "brand"], .text(product))), main]),
            ]
        ).document
    }
}
