import Codecs

/// Whose password it is to be: their own words are what a guesser tries first. Source: NIST SP 800-63B-4, 3.1.1.2.
struct PasswordOwner: Sendable {
    private let words: Set<String>

    /// Where people's names stand in their metadata.
    private static let names = [
        "name", "full_name", "first_name", "last_name", "given_name", "family_name", "nickname", "preferred_username",
        "user_name",
    ]
    /// Shorter ones stand in too many good passwords.
    private static let shortestWord = 3
    private static let mostWords = 40
    /// Characters of a text that are looked at.
    private static let longestText = 300

    /// - Parameter addresses: the one they have, and the one that they are about to have.
    init(addresses: [String?], metadata: [JSONObject?]) {
        let names = metadata.compactMap { $0 }.flatMap { object in Self.names.compactMap { object[$0]?.string } }
        words = Self.words(of: addresses.compactMap { $0 } + names)
    }

    /// Whether a password is made of nothing but the owner's words, the product's name, and a few digits and signs.
    func isNamed(by password: String, product: String) -> Bool {
        let letters = Self.letters(of: password)
        var rest = letters
        for word in words.union(Self.words(of: [product])).sorted(by: Self.isLonger) {
            rest = rest.replacing(word, with: "")
        }
        // A year or a date at the end makes no other password of a name.
        return rest.count < letters.count && rest.count <= 8 && rest.allSatisfy(\.isNumber)
    }

    /// The parts of each text, and each whole, as a guesser would write them.
    private static func words(of texts: [String]) -> Set<String> {
        var words: Set<String> = []
        for text in texts {
            let folded = PasswordText.folded(String(text.prefix(longestText)))
            let parts = folded.split { !($0.isLetter || $0.isNumber) }.map { String($0) }
            for word in parts + [parts.joined()] where word.count >= shortestWord && words.count < mostWords {
                words.insert(word)
            }
        }
        return words
    }

    private static func letters(of text: String) -> String {
        PasswordText.folded(text).filter { $0.isLetter || $0.isNumber }
    }

    private static func isLonger(_ one: String, _ other: String) -> Bool {
        (one.count, one) > (other.count, other)
    }
}

extension PasswordOwner {
    init(_ user: User, newAddress: String? = nil, newMetadata: JSONObject? = nil) {
        self.init(addresses: [user.email, newAddress], metadata: [user.userMetadata.object, newMetadata])
    }
}
