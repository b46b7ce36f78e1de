import Mustache

/// A letter as it is read: its source with values put in.
public struct LetterText: Sendable, Equatable {
    public let subject: String
    public let text: String
    public let html: String
}

extension LetterSource {
    /// - Parameter values: control characters in them become spaces, so that none can begin a line of its own.
    func text(in language: Language, _ values: [String: String], from product: String) -> LetterText {
        let values = values.mapValues(Self.onOneLine)
        let subject = subject.render(values)
        let written = blocks.map { WrittenBlock($0, values) }
        return LetterText(
            subject: Self.onOneLine(subject),
            text: written.map { $0.text(in: language) }.joined(separator: "\n\n") + "\n",
            html: LetterPage.html(subject: subject, written, in: language, from: product))
    }

    static func onOneLine(_ text: String) -> String {
        String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }
}

/// A block with its values.
enum WrittenBlock: Sendable {
    case paragraph(String)
    case button(label: String, target: String)
    case code(String)
    case smallPrint(String)

    init(_ block: LetterSource.Block, _ values: [String: String]) {
        switch block {
        case .paragraph(let text): self = .paragraph(text.render(values))
        case .button(let label, let target): self = .button(label: label.render(values), target: target.render(values))
        case .code(let text): self = .code(text.render(values))
        case .smallPrint(let text): self = .smallPrint(text.render(values))
        }
    }

    /// As plain text: an address stands on a line of its own, which readers of mail make a link of.
    func text(in language: Language) -> String {
        switch self {
        case .paragraph(let text), .code(let text), .smallPrint(let text): text
        case .button(let label, let target): label + (language == .french ? "\u{202F}:" : ":") + "\n\(target)"
        }
    }
}
