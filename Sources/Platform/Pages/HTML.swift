/// Markup that is put together from elements; text is escaped on its way in.
struct HTML: ExpressibleByStringInterpolation {
    private(set) var markup: String

    /// Text, escaped.
    init(stringLiteral value: String) {
        markup = Self.escaped(value)
    }

    private init(markup: String) {
        self.markup = markup
    }

    static let nothing = HTML(markup: "")

    /// `<name attributes>children</name>`. Names are literals of our code; values are escaped.
    static func element(_ name: StaticString, _ attributes: KeyValuePairs<String, String>, _ children: [HTML]) -> HTML {
        HTML(markup: opening(name, attributes) + children.map(\.markup).joined() + "</\(name)>")
    }

    static func element(_ name: StaticString, _ attributes: KeyValuePairs<String, String>, _ child: HTML) -> HTML {
        element(name, attributes, [child])
    }

    static func element(_ name: StaticString, _ children: [HTML]) -> HTML { element(name, [:], children) }

    static func element(_ name: StaticString, _ child: HTML) -> HTML { element(name, [:], [child]) }

    /// A `style` element: its text is none that HTML escapes.
    static func style(_ css: StaticString) -> HTML { HTML(markup: "<style>\(css)</style>") }

    /// An element that has no end.
    static func void(_ name: StaticString, _ attributes: KeyValuePairs<String, String>) -> HTML {
        HTML(markup: opening(name, attributes))
    }

    static func text(_ text: String) -> HTML { HTML(stringLiteral: text) }

    /// Text in which what stands between backticks is code.
    static func prose(_ text: String) -> HTML {
        let parts = text.split(separator: "`", omittingEmptySubsequences: false)
        return HTML(
            markup: parts.enumerated().map { index, part in
                let escaped = escaped(String(part))
                return index.isMultiple(of: 2) ? escaped : "<code>\(escaped)</code>"
            }.joined())
    }

    static func + (left: HTML, right: HTML) -> HTML { HTML(markup: left.markup + right.markup) }

    /// A whole document.
    var document: String { "<!doctype html>\n" + markup + "\n" }

    private static func opening(_ name: StaticString, _ attributes: KeyValuePairs<String, String>) -> String {
        "<\(name)" + attributes.map { " \($0.key)=\"\(escaped($0.value))\"" }.joined() + ">"
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
