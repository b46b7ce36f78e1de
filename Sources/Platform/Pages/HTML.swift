/// Markup that is put together from elements; text is escaped on its way in.
public struct HTML: ExpressibleByStringInterpolation, Sendable {
    package private(set) var markup: String

    /// Text, escaped.
    public init(stringLiteral value: String) {
        markup = Self.escaped(value)
    }

    private init(markup: String) {
        self.markup = markup
    }

    public static let nothing = HTML(markup: "")

    /// `<name attributes>children</name>`. Names are literals of our code; values are escaped.
    public static func element(_ name: StaticString, _ attributes: KeyValuePairs<String, String>, _ children: [HTML])
        -> HTML
    {
        HTML(markup: opening(name, attributes) + children.map(\.markup).joined() + "</\(name)>")
    }

    public static func element(_ name: StaticString, _ attributes: KeyValuePairs<String, String>, _ child: HTML) -> HTML
    {
        element(name, attributes, [child])
    }

    public static func element(_ name: StaticString, _ children: [HTML]) -> HTML { element(name, [:], children) }

    public static func element(_ name: StaticString, _ child: HTML) -> HTML { element(name, [:], [child]) }

    /// The same, with attributes that several elements share.
    public static func void(
        _ name: StaticString, _ attributes: KeyValuePairs<String, String>, and others: KeyValuePairs<String, String>
    ) -> HTML {
        let more = others.map { " \($0.key)=\"\(escaped($0.value))\"" }.joined()
        return HTML(markup: opening(name, attributes).dropLast() + more + ">")
    }

    /// A `style` element: its text is none that HTML escapes.
    static func style(_ css: StaticString) -> HTML { HTML(markup: "<style>\(css)</style>") }

    /// An element that has no end.
    public static func void(_ name: StaticString, _ attributes: KeyValuePairs<String, String>) -> HTML {
        HTML(markup: opening(name, attributes))
    }

    public static func text(_ text: String) -> HTML { HTML(stringLiteral: text) }

    /// Text in which what stands between backticks is code.
    public static func prose(_ text: String) -> HTML {
        let parts = text.split(separator: "`", omittingEmptySubsequences: false)
        return HTML(
            markup: parts.enumerated().map { index, part in
                let escaped = escaped(String(part))
                return index.isMultiple(of: 2) ? escaped : "<code>\(escaped)</code>"
            }.joined())
    }

    public static func + (left: HTML, right: HTML) -> HTML { HTML(markup: left.markup + right.markup) }

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
