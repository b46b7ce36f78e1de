import Mustache

/// A letter's text, as it is written: `Subject: …`, an empty line, and blocks with an empty line between.
///
///     Subject: Confirm your address
///
///     Follow this link, and your account at {{site}} is open.
///
///     [Confirm my address]({{link}})
///
///     `{{code}}`
///
///     -- If you did not sign up, you need not do anything.
///
/// A block is a paragraph, a button, a code to be typed, or, after `--`, small print. Blocks are told apart before values are
/// put in, so that no value can make a link.
struct LetterSource: Sendable {
    enum Block: Sendable {
        case paragraph(MustacheTemplate)
        case button(label: MustacheTemplate, target: MustacheTemplate)
        case code(MustacheTemplate)
        case smallPrint(MustacheTemplate)
    }

    let subject: MustacheTemplate
    let blocks: [Block]
    /// The names that stand between braces.
    let names: Set<String>
    /// Those of them that stand below the subject.
    let namesInBlocks: Set<String>

    /// - Throws: `LetterFault` with a sentence that says what is wrong.
    init(_ text: String) throws(LetterFault) {
        let parts = text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { String($0) }.split { $0.allSatisfy(\.isWhitespace) }
            .map { $0.joined(separator: " ") }
        guard let head = parts.first, head.hasPrefix("Subject: ") else {
            throw LetterFault("the first line must be `Subject: …`")
        }
        guard text.ranges(of: "{{").count == text.ranges(of: "}}").count else {
            throw LetterFault("a pair of braces is open")
        }
        guard parts.count > 1 else { throw LetterFault("there is no text after the subject") }
        subject = try Self.template(String(head.dropFirst("Subject: ".count)))
        var blocks: [Block] = []
        for part in parts.dropFirst() { blocks.append(try Self.block(part)) }
        self.blocks = blocks
        names = Self.names(in: text)
        namesInBlocks = Self.names(in: parts.dropFirst().joined(separator: "\n"))
    }

    private static func block(_ text: String) throws(LetterFault) -> Block {
        if text.hasPrefix("["), text.hasSuffix(")"), let middle = text.firstRange(of: "](") {
            return .button(
                label: try template(String(text[text.index(after: text.startIndex)..<middle.lowerBound])),
                target: try template(String(text[middle.upperBound...].dropLast())))
        }
        if text.hasPrefix("`"), text.hasSuffix("`"), text.count > 2 {
            return .code(try template(String(text.dropFirst().dropLast())))
        }
        if text.hasPrefix("-- ") { return .smallPrint(try template(String(text.dropFirst(3)))) }
        return .paragraph(try template(text))
    }

    private static func template(_ text: String) throws(LetterFault) -> MustacheTemplate {
        do {
            // Plain text: escaping belongs to the HTML form alone, and happens to the whole.
            return try MustacheTemplate(string: "{{% CONTENT_TYPE:TEXT}}" + text)
        } catch {
            throw LetterFault("`\(text)` is no Mustache template")
        }
    }

    private static func names(in text: String) -> Set<String> {
        Set(
            text.split(separator: "{{").dropFirst().compactMap { rest in
                rest.firstRange(of: "}}").map { String(rest[..<$0.lowerBound]) }
            }
            .map { $0.trimmingPrefix { "{#^/& ".contains($0) } }.map { $0.filter { $0 != " " } })
    }
}

/// What is wrong with letters' texts, a sentence each.
public struct LetterFault: Error, Sendable, CustomStringConvertible {
    public let all: [String]

    public var description: String { all.joined(separator: "\n") }

    init(_ sentence: String) {
        self.init(all: [sentence])
    }

    init(all: [String]) {
        self.all = all
    }
}
