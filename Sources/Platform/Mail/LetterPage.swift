/// A letter's HTML: tables and styles in attributes, which is what mail readers understand, with a `style` element for those
/// that know dark mode.
enum LetterPage {
    static func html(subject: String, _ blocks: [WrittenBlock], in language: Language, from product: String) -> String {
        let head = HTML.element(
            "head",
            [
                .void("meta", ["charset": "utf-8"]),
                .void("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
                .void("meta", ["name": "color-scheme", "content": "light dark"]),
                .void("meta", ["name": "supported-color-schemes", "content": "light dark"]),
                .element("title", .text(subject)),
                .style(darkMode),
            ])
        let card = HTML.element(
            "table", ["role": "presentation", "width": "100%", "class": "card", "style": cardStyle],
            row(blocks.map(block), style: "padding:32px;text-align:left"))
        let signature = HTML.element("p", ["class": "quiet", "style": quietStyle], .text(product))
        let page = HTML.element(
            "table", ["role": "presentation", "width": "100%", "class": "page", "style": "background:#f4f5f7"],
            row([card, signature], style: "padding:24px 12px;text-align:center"))
        let body = HTML.element(
            "body", ["class": "page", "style": "margin:0;background:#f4f5f7"],
            .element("div", ["role": "article", "lang": language.rawValue], page))
        return "<!doctype html>" + HTML.element("html", ["lang": language.rawValue], [head, body]).markup
    }

    private static func row(_ children: [HTML], style: String) -> HTML {
        .element("tr", .element("td", ["style": style], children))
    }

    private static func block(_ block: WrittenBlock) -> HTML {
        switch block {
        case .paragraph(let text):
            .element("p", ["style": "margin:0 0 16px"], .text(text))
        case .button(let label, let target):
            .element(
                "p", ["style": "margin:24px 0"],
                .element("a", ["href": target, "class": "button", "style": buttonStyle], .text(label)))
        case .code(let code):
            .element("p", ["class": "code", "style": codeStyle], .text(code))
        case .smallPrint(let text):
            .element("p", ["class": "quiet", "style": quietStyle], .text(text))
        }
    }

    private static let cardStyle =
        "max-width:520px;margin:0 auto;background:#ffffff;border-radius:12px;"
        + "font:16px/1.5 -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;color:#1a1d23"
    private static let buttonStyle =
        "display:inline-block;padding:12px 24px;background:#1f4fd8;color:#ffffff;text-decoration:none;"
        + "font-weight:600;border-radius:8px"
    private static let codeStyle =
        "margin:0 0 16px;padding:12px;background:#f4f5f7;border-radius:8px;text-align:center;"
        + "font:600 28px/1.2 ui-monospace,Menlo,Consolas,monospace;letter-spacing:6px"
    private static let quietStyle = "margin:16px 0 0;font-size:13px;line-height:1.5;color:#5b6270"

    private static let darkMode: StaticString = """
        @media (prefers-color-scheme: dark) {
        .page{background:#14161a!important} .card{background:#1f2228!important;color:#eceef2!important}
        .code{background:#14161a!important} .quiet{color:#a6adba!important} .button{background:#3f6df0!important}
        }
        """
}
