import Codecs
import Crypto
import Platform

/// What a client shows first and proves later that it knows the secret of (RFC 7636).
struct CodeChallenge: Sendable, Codable, Equatable {
    enum Method: String, Sendable, Codable {
        case s256, plain
    }

    let method: Method
    let text: String

    /// - Returns: nil when neither is given.
    /// - Throws: `Problem` when only one is, or they are none.
    init?(_ text: String?, method: String?) throws(Problem) {
        switch (text, method) {
        case (nil, nil), ("", nil), (nil, ""), ("", ""): return nil
        case (let text?, let name?):
            guard let method = Method(rawValue: name.lowercased()) else {
                throw Problem(.validationFailed, "code_challenge_method must be s256 or plain")
            }
            let isLong = (43...128).contains(text.utf8.count)
            guard isLong, text.utf8.allSatisfy(Self.mayStand) else {
                throw Problem(.validationFailed, "code_challenge must have 43 to 128 letters, digits, or of -._~")
            }
            self.method = method
            self.text = text
        default:
            throw Problem(.validationFailed, "PKCE flow requires code_challenge_method and code_challenge")
        }
    }

    init?(stored text: String?, method: String?) {
        guard let text, let method = method.flatMap({ Method(rawValue: $0) }) else { return nil }
        self.method = method
        self.text = text
    }

    /// Whether it is the secret.
    func isAnswered(by verifier: String) -> Bool {
        let shown: String
        switch method {
        case .plain: shown = verifier
        case .s256: shown = Base64URL.encode(Array(SHA256.hash(data: Array(verifier.utf8))))
        }
        return ConstantTime.equal(Array(shown.utf8), Array(text.utf8))
    }

    private static func mayStand(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
