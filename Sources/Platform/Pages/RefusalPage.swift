import HTTPTypes

/// The product that a page stands for, and where the page leads when nothing else does.
struct House: Sendable {
    let product: String
    /// Where the product's people are at home: APP_URL.
    let site: String
    /// The address that was asked for, when it shows a page that can be tried again.
    var form: String?

    /// Of a refusal that is no page.
    static let none = House(product: "", site: "")

    init(product: String, site: String) {
        self.product = product
        self.site = site
    }

    init(_ letters: Letters, form: String? = nil) {
        product = letters.product
        site = letters.site
        self.form = form
    }
}

/// A refusal as a page, where people rather than programs ask: what is wrong in their language, a way onward, and in small print
/// what they can tell us.
extension Page {
    init(_ problem: Problem, requestID: String, _ headers: HTTPFields, in house: House) {
        let language = Language(accepting: headers[.acceptLanguage]) ?? .english
        let texts = RefusalTexts.texts(in: language)
        let words = texts.words(for: problem)
        var content: [HTML] = [.element("p", .text(words.text))]
        let home = texts.goTo.replacing("%", with: house.product)
        if let form = house.form, problem.kind.status != 404 {
            content.append(.element("a", ["class": "button", "href": form], .text(texts.tryAgain)))
            content.append(.element("p", ["class": "links"], .element("a", ["href": house.site], .text(home))))
        } else if !house.site.isEmpty {
            content.append(.element("a", ["class": "button", "href": house.site], .text(home)))
        }
        content.append(.element("p", ["class": "quiet"], .text("\(problem.kind.code) · \(requestID)")))
        self.init(words.title, in: language, product: house.product, status: problem.kind.status, content)
    }
}
