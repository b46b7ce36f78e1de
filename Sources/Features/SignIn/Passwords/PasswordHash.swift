import CCrypt
import Codecs

/// A password's hash. Ours are bcrypt's in the text form of crypt(3): `$2b$`, two digits of cost, `$`, 22 characters of salt, 31
/// of hash. Those that others made may also be `$2a$` and `$2y$`, or argon2's.
///
/// Making and checking one takes 50 ms at cost 10, and twice that for each step: both block, so callers run them on
/// a `BlockingPool`. Source of the form: libxcrypt, crypt(5).
struct PasswordHash: Sendable, Equatable {
    /// As it stands in `auth.users.encrypted_password`, whoever wrote it: malformed text matches nothing.
    let text: String

    /// bcrypt reads no more; longer passwords are refused rather than cut.
    static let maximumBytes = 72

    /// What is accepted, also from imported dumps: 2^cost rounds. Cost 16 takes 3 s, so one row can stall no more.
    static let costs = 4...16

    enum Failure: Error, Equatable {
        /// Longer than `maximumBytes` in UTF-8.
        case tooLong
        /// U+0000 would end the password early.
        case containsNUL
        /// The library refused a well-formed hash or setting: it was built without bcrypt, or memory is short.
        case unavailable
    }

    /// A `$2b$` hash under a new random salt.
    static func make(_ password: String, cost: Int) throws(Failure) -> PasswordHash {
        guard password.utf8.count <= maximumBytes else { throw .tooLong }
        guard !password.utf8.contains(0) else { throw .containsNUL }
        return PasswordHash(text: try crypt(password, setting: setting(cost: cost)))
    }

    /// Whether `make` takes the password.
    static func isPossible(_ password: String) -> Bool {
        password.utf8.count <= maximumBytes && !password.utf8.contains(0)
    }

    /// Whether this is the password's hash. Takes as long for a malformed hash (as at cost 10) and for passwords that
    /// `make` refuses as for a wrong password.
    func matches(_ password: String) throws(Failure) -> Bool {
        if let argon2 = Argon2Hash(text) { return try argon2.matches(password) }
        let isPossible = Self.isPossible(password)
        let setting = bcryptCost != nil ? text : Self.setting(cost: 10)
        let found = try Self.crypt(isPossible ? password : "", setting: setting)
        // The hash alone: other writers leave bits of the salt's last character set that libcrypt clears.
        let isEqual = ConstantTime.equal(found.utf8.suffix(Self.hashLength), text.utf8.suffix(Self.hashLength))
        return isEqual && isPossible && setting == text
    }

    /// A well-formed hash of no known password, made without hashing: what to check when an address is unknown, so that
    /// the answer takes as long as for a known one.
    static func decoy(cost: Int) -> PasswordHash {
        PasswordHash(text: setting(cost: cost) + randomCharacters(bytes: 23))
    }
}

extension PasswordHash {
    private static let saltLength = 22
    private static let hashLength = 31
    private static let alphabet = Array("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)

    private static func setting(cost: Int) -> String {
        precondition(costs.contains(cost), "a bcrypt cost is 4...16")
        return "$2b$" + (cost < 10 ? "0" : "") + String(cost) + "$" + randomCharacters(bytes: 16)
    }

    /// Random bytes in bcrypt's base64: the usual bits, an alphabet of its own, no padding.
    private static func randomCharacters(bytes count: Int) -> String {
        var source = SystemRandomNumberGenerator()
        var bits: UInt32 = 0
        var held = 0
        var characters: [UInt8] = []
        for _ in 0..<count {
            bits = bits << 8 | UInt32(UInt8.random(in: .min ... .max, using: &source))
            held += 8
            while held >= 6 {
                held -= 6
                characters.append(alphabet[Int(bits >> held & 63)])
            }
        }
        if held > 0 {
            characters.append(alphabet[Int(bits << (6 - held) & 63)])
        }
        return String(decoding: characters, as: UTF8.self)
    }

    /// Of a bcrypt hash: `$2a$`, `$2b$` or `$2y$`, an accepted cost, and 53 characters of the alphabet. Nil for any other.
    var bcryptCost: Int? {
        let parts = text.utf8.split(separator: UInt8(ascii: "$"), omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0].isEmpty else { return nil }
        guard ["2a", "2b", "2y"].contains(String(parts[1])) else { return nil }
        guard parts[2].count == 2, parts[2].allSatisfy(isDigit) else { return nil }
        guard let cost = Int(String(parts[2]) ?? ""), Self.costs.contains(cost) else { return nil }
        let isWhole = parts[3].count == Self.saltLength + Self.hashLength
        return isWhole && parts[3].allSatisfy(Self.alphabet.contains) ? cost : nil
    }

    private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// Whether a sign-in can check it, in bounded time.
    var isWellFormed: Bool { bcryptCost != nil || Argon2Hash(text) != nil }

    /// The hash's text. Reentrant: its memory, some 32 KB, is this call's own.
    private static func crypt(_ password: String, setting: String) throws(Failure) -> String {
        let size = MemoryLayout<crypt_data>.size
        let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: MemoryLayout<crypt_data>.alignment)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        // libxcrypt wipes what it derived from the password; what stays behind is the result alone.
        defer { memory.deallocate() }
        guard let result = crypt_rn(password, setting, memory, Int32(size)) else { throw .unavailable }
        return String(cString: result)
    }
}
