import CArgon2
import Codecs

/// A hash that others made with argon2: `$argon2id$v=19$m=65536,t=3,p=4$…$…`, memory in KiB, passes, lanes, and then salt and hash
/// in base64 without padding. Sources: the PHC string format, RFC 9106; GoTrue reads the same kinds.
struct Argon2Hash: Sendable {
    private let kind: argon2_type
    private let memory: UInt32
    private let passes: UInt32
    private let lanes: UInt32
    private let salt: [UInt8]
    private let hash: [UInt8]

    /// KiB that one check may hold: 256 MiB, on two threads at most.
    static let memoryLimit: UInt32 = 262_144
    /// KiB that all passes of one check may fill together: two seconds of one core, less than bcrypt takes at its highest cost.
    static let workLimit: UInt32 = 1_048_576
    static let passLimit: UInt32 = 20
    static let laneLimit: UInt32 = 16
    private static let saltLengths = 8...64
    /// Shorter ones would be matched by chance.
    private static let hashLengths = 16...64

    /// Nil for what is no such hash, is of another version than 19, or is beyond the limits: it would cost whoever checks it
    /// more than any password is worth.
    init?(_ text: String) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].isEmpty, parts[2] == "v=19" else { return nil }
        switch parts[1] {
        case "argon2i": kind = Argon2_i
        case "argon2id": kind = Argon2_id
        default: return nil
        }
        let figures = parts[3].split(separator: ",", omittingEmptySubsequences: false)
        guard figures.count == 3, let memory = Self.figure("m=", figures[0], upTo: Self.memoryLimit),
            let passes = Self.figure("t=", figures[1], upTo: Self.passLimit),
            let lanes = Self.figure("p=", figures[2], upTo: Self.laneLimit)
        else { return nil }
        // The least that the algorithm works on is 8 KiB a lane.
        guard memory >= 8 * lanes, memory * passes <= Self.workLimit else { return nil }
        guard let salt = Self.bytes(parts[4], Self.saltLengths), let hash = Self.bytes(parts[5], Self.hashLengths)
        else {
            return nil
        }
        (self.memory, self.passes, self.lanes, self.salt, self.hash) = (memory, passes, lanes, salt, hash)
    }

    /// Whether this is the password's hash. On the caller's thread alone, however many lanes there are.
    func matches(_ password: String) throws(PasswordHash.Failure) -> Bool {
        var found = [UInt8](repeating: 0, count: hash.count)
        var password = Array(password.utf8)
        var salt = salt
        let status = found.withUnsafeMutableBufferPointer { found in
            password.withUnsafeMutableBufferPointer { password in
                salt.withUnsafeMutableBufferPointer { salt in
                    var context = argon2_context()
                    (context.out, context.outlen) = (found.baseAddress, UInt32(found.count))
                    (context.pwd, context.pwdlen) = (password.baseAddress, UInt32(password.count))
                    (context.salt, context.saltlen) = (salt.baseAddress, UInt32(salt.count))
                    (context.m_cost, context.t_cost) = (memory, passes)
                    (context.lanes, context.threads) = (lanes, 1)
                    context.version = ARGON2_VERSION_13.rawValue
                    return argon2_ctx(&context, kind)
                }
            }
        }
        guard status == ARGON2_OK.rawValue else { throw .unavailable }
        return ConstantTime.equal(found, hash)
    }

    /// The whole number of 1 or more after `name`, in its one spelling.
    private static func figure(_ name: String, _ text: Substring, upTo limit: UInt32) -> UInt32? {
        guard text.hasPrefix(name) else { return nil }
        let digits = text.dropFirst(name.count)
        guard let value = UInt32(digits), String(value) == digits, (1...limit).contains(value) else { return nil }
        return value
    }

    private static func bytes(_ text: Substring, _ lengths: ClosedRange<Int>) -> [UInt8]? {
        guard !text.contains(where: { $0 == "-" || $0 == "_" }) else { return nil }
        let url = text.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }
        guard let bytes = Base64URL.decode(String(url)), lengths.contains(bytes.count) else { return nil }
        return bytes
    }
}
