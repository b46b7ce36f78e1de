import Codecs
import Crypto

/// Passwords that too many people have: they are the first that anybody tries. The program holds fingerprints of them, 48 bits
/// each, so that of good passwords one in 7 billion is taken for one of them.
///
/// The list itself is Tests/Lists/common-passwords.txt; `scripts/golden` writes CommonPasswordList.swift from it.
enum CommonPasswords {
    /// Characters of a fingerprint: 6 bytes.
    private static let width = 8

    /// Whether it is one of them, in whatever letters, small or capital.
    static func contain(_ password: String) -> Bool {
        let wanted = Array(fingerprint(of: password).utf8)
        return CommonPasswordList.fingerprints.withUTF8Buffer { list in
            var low = 0
            var high = list.count / width
            while low < high {
                let middle = (low + high) / 2
                let entry = list[middle * width..<(middle + 1) * width]
                if entry.elementsEqual(wanted) { return true }
                if entry.lexicographicallyPrecedes(wanted) { low = middle + 1 } else { high = middle }
            }
            return false
        }
    }

    /// The first bytes of SHA-256, as base64url.
    static func fingerprint(of password: String) -> String {
        let digest = SHA256.hash(data: Array(PasswordText.folded(password).utf8))
        return Base64URL.encode(Array(digest.prefix(width * 3 / 4)))
    }
}
