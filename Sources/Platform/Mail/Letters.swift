#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// All texts of a product's letters, read once at start: those of the features, replaced by files where an operator has put
/// some.
public struct Letters: Sendable {
    private struct Entry: Sendable {
        let kind: LetterKind
        var sources: [Language: LetterSource]
    }

    private let entries: [String: Entry]
    /// Named under each letter, and in texts as `product`.
    let product: String
    /// In texts as `site`.
    let site: String

    /// The most bytes of a file.
    private static let mostBytes = 65_536

    /// - Parameters:
    ///   - kinds: what the features declare.
    ///   - folder: where files such as `confirmation.de.txt` may stand; nil: nowhere.
    ///   - product: what the product is called.
    ///   - site: where people are sent, as they read it.
    /// - Throws: `LetterFault` that names all texts that are none, and says what is wrong with each.
    public init(_ kinds: [LetterKind], folder: String?, product: String, site: String) throws(LetterFault) {
        self.product = product
        self.site = site
        var entries: [String: Entry] = [:]
        var faults: [String] = []
        for kind in kinds {
            guard entries[kind.name] == nil else { throw LetterFault("two kinds of letters are called \(kind.name)") }
            var sources: [Language: LetterSource] = [:]
            for (language, text) in kind.texts {
                do {
                    sources[language] = try Self.source(text, of: kind, "\(kind.name).\(language.rawValue)")
                } catch {
                    faults += error.all
                }
            }
            entries[kind.name] = Entry(kind: kind, sources: sources)
        }
        if let folder { faults += Self.read(folder, into: &entries) }
        guard faults.isEmpty else { throw LetterFault(all: faults) }
        self.entries = entries
    }

    private static func source(
        _ text: String, of kind: LetterKind, _ name: String
    ) throws(LetterFault) -> LetterSource {
        let source: LetterSource
        do {
            source = try LetterSource(text)
        } catch {
            throw LetterFault("\(name): \(error)")
        }
        let unknown = source.names.subtracting(kind.variables + ["product", "site"])
        guard unknown.isEmpty else {
            throw LetterFault("\(name): there is no \(unknown.sorted().joined(separator: ", ")) in this letter")
        }
        // Without either, its reader can do nothing with it.
        let ways = kind.variables.filter { ["link", "code"].contains($0) }
        guard ways.isEmpty || !source.namesInBlocks.isDisjoint(with: ways) else {
            throw LetterFault("\(name): its text names no \(ways.joined(separator: " and no "))")
        }
        return source
    }

    /// Puts an operator's files in place of ours. Gives back what is wrong with them.
    private static func read(_ folder: String, into entries: inout [String: Entry]) -> [String] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            return ["the folder \(folder) cannot be read"]
        }
        var faults: [String] = []
        for name in names.sorted() where name.hasSuffix(".txt") {
            do throws(LetterFault) {
                try read(name, of: folder, into: &entries)
            } catch {
                faults += error.all
            }
        }
        return faults
    }

    private static func read(
        _ name: String, of folder: String, into entries: inout [String: Entry]
    ) throws(LetterFault) {
        let parts = name.split(separator: ".")
        guard parts.count == 3, let language = Language(rawValue: String(parts[1])),
            var entry = entries[String(parts[0])]
        else { throw LetterFault("\(name) is no letter's: a name is `kind.language.txt`") }
        guard let data = FileManager.default.contents(atPath: folder + "/" + name), data.count <= mostBytes,
            let text = String(bytes: data, encoding: .utf8)
        else { throw LetterFault("\(name) cannot be read, is no UTF-8, or has more than \(mostBytes) bytes") }
        entry.sources[language] = try source(text, of: entry.kind, name)
        entries[entry.kind.name] = entry
    }

    /// The letter's words, or nil when no feature sends such a letter: one of an older version may have waited.
    public func text(of letter: Letter) -> LetterText? {
        let language = Language(rawValue: letter.language) ?? .english
        guard let entry = entries[letter.kind], let source = entry.sources[language] else { return nil }
        let values = letter.variables.merging(["product": product, "site": site]) { own, _ in own }
        return source.text(in: language, values, from: product)
    }

    /// What the letter is about; nil as above.
    public func topic(of letter: Letter) -> LetterTopic? { entries[letter.kind]?.kind.topic }

    /// The names of all kinds that are about the same.
    public func kinds(like letter: Letter) -> [String] {
        guard let topic = topic(of: letter) else { return [letter.kind] }
        return entries.values.filter { $0.kind.topic == topic }.map(\.kind.name).sorted()
    }

    /// Every kind in every language, for previews.
    public var all: [(kind: LetterKind, language: Language)] {
        entries.values.sorted { $0.kind.name < $1.kind.name }
            .flatMap { entry in Language.allCases.map { (entry.kind, $0) } }
    }
}
