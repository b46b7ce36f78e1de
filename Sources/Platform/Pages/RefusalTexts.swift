/// What people are told on a page that refuses something, in one language. A text that is missing in one does not compile.
struct RefusalTexts: Sendable {
    struct Words: Sendable {
        let title: String
        let text: String

        init(_ title: String, _ text: String) {
            self.title = title
            self.text = text
        }
    }

    let badRequest: Words
    let forbidden: Words
    let foreignForm: Words
    let notFound: Words
    /// An address that only a form leads to, or only a link.
    let wrongMethod: Words
    let tooSlow: Words
    let tooLarge: Words
    let unreadable: Words
    let tooOften: Words
    /// Instead of the text of `tooOften`, when it is over within a minute.
    let waitOneMinute: String
    /// The same; `%` is the minutes, 2 or more.
    let waitMinutes: String
    let broken: Words
    let unavailable: Words
    let maintenance: Words
    let tryAgain: String
    /// `%` is the product.
    let goTo: String

    static func texts(in language: Language) -> RefusalTexts {
        switch language {
        case .english: .english
        case .spanish: .spanish
        case .german: .german
        case .french: .french
        case .vietnamese: .vietnamese
        }
    }

    func words(for problem: Problem) -> Words {
        switch problem.kind {
        case .foreignForm: return foreignForm
        case .maintenance:
            // What an operator wrote for this one time is worth more than our sentence.
            guard let notice = problem.detail, notice != problem.kind.title else { return maintenance }
            return Words(maintenance.title, notice)
        default: break
        }
        switch problem.kind.status {
        case 401, 403: return forbidden
        case 404: return notFound
        case 405: return wrongMethod
        case 408, 504: return tooSlow
        case 413: return tooLarge
        case 415: return unreadable
        case 429: return Words(tooOften.title, wait(problem.retryAfterSeconds))
        case 503: return unavailable
        case 500...: return broken
        default: return badRequest
        }
    }

    private func wait(_ seconds: Int?) -> String {
        guard let seconds else { return tooOften.text }
        guard seconds > 60 else { return waitOneMinute }
        return waitMinutes.replacing("%", with: "\((seconds + 59) / 60)")
    }
}

extension Problem {
    /// The sentence for people of whom a page asks something: in their language, and without a word of HTTP.
    public func sentence(in language: Language) -> String { RefusalTexts.texts(in: language).words(for: self).text }
}
