import Codecs
import Crypto

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Where a sealed value stands. It is part of the seal: a value that is moved to another row or column does not open.
public struct SealedPlace: Sendable {
    /// `lean.signing_keys.private_key`: table and column.
    public let column: String
    /// The row's key, as text.
    public let row: String

    public init(_ column: String, row: String) {
        self.column = column
        self.row = row
    }

    fileprivate var bytes: [UInt8] { Array("\(column)\u{0}\(row)".utf8) }
}

/// Why a sealed value does not open. Which of them it is, the log is told; nobody else.
public enum SealRefusal: Error, Sendable, CustomStringConvertible {
    /// ENCRYPTION_KEY is not set.
    case noKey
    /// Sealed under a key that is neither ENCRYPTION_KEY nor one of ENCRYPTION_KEYS_PREVIOUS.
    case unknownKey
    /// Not of our form, changed, or moved here from another row or column.
    case damaged

    public var description: String {
        switch self {
        case .noKey: "ENCRYPTION_KEY is not set"
        case .unknownKey: "sealed under a key that is neither ENCRYPTION_KEY nor one of ENCRYPTION_KEYS_PREVIOUS"
        case .damaged: "damaged, or moved from another place"
        }
    }
}

/// Seals what must be read back and yet is secret: AES-256-GCM (NIST SP 800-38D) under a key derived from ENCRYPTION_KEY.
///
/// The sealed text names its key, so keys rotate: the newest seals, the earlier still open.
public struct KeyRing: Sendable {
    private struct Key: Sendable {
        let id: String
        let key: SymmetricKey
        let attesting: SymmetricKey
    }

    private let keys: [Key]

    /// - Parameter secrets: the newest first; each at least 256 bits.
    package init(_ secrets: [Secret]) {
        keys = secrets.map { secret in
            let material = SymmetricKey(data: Array(secret.reveal().utf8))
            func derived(_ purpose: String, bytes: Int) -> SymmetricKey {
                HKDF<SHA256>.deriveKey(
                    inputKeyMaterial: material, info: Array("lean sealed v1 \(purpose)".utf8), outputByteCount: bytes)
            }
            // The id is derived beside the key, so that it tells nothing of it.
            let id = derived("id", bytes: 4).withUnsafeBytes { Hex.encode(Array($0)) }
            return Key(id: id, key: derived("key", bytes: 32), attesting: derived("mac", bytes: 32))
        }
    }

    public var isEmpty: Bool { keys.isEmpty }

    /// - Throws: `SealRefusal.noKey`.
    public func seal(_ text: String, for place: SealedPlace) throws -> SealedText {
        guard let newest = keys.first else { throw SealRefusal.noKey }
        let box = try AES.GCM.seal(Array(text.utf8), using: newest.key, authenticating: place.bytes)
        guard let combined = box.combined else { throw SealRefusal.damaged }
        return SealedText(text: "v1.\(newest.id).\(Base64URL.encode(Array(combined)))")
    }

    /// The text that was sealed for this place.
    ///
    /// - Throws: `SealRefusal`.
    public func open(_ sealed: SealedText, for place: SealedPlace) throws -> String {
        let parts = sealed.text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "v1", let bytes = Base64URL.decode(parts[2]) else {
            throw SealRefusal.damaged
        }
        guard !keys.isEmpty else { throw SealRefusal.noKey }
        guard let key = keys.first(where: { $0.id == parts[1] }) else { throw SealRefusal.unknownKey }
        do {
            let box = try AES.GCM.SealedBox(combined: bytes)
            let opened = try AES.GCM.open(box, using: key.key, authenticating: place.bytes)
            return String(decoding: opened, as: UTF8.self)
        } catch {
            throw SealRefusal.damaged
        }
    }

    /// A proof that these bytes were seen by who has the key: HMAC-SHA-256 under one derived from ENCRYPTION_KEY, which it names.
    /// Nil without a key.
    public func attest(_ bytes: [UInt8]) -> String? {
        keys.first.map { "v1.\($0.id)." + Self.code(bytes, $0) }
    }

    /// Whether the proof is one of these bytes.
    ///
    /// - Throws: `SealRefusal`: `.damaged` when it is of others.
    public func verify(_ proof: String, of bytes: [UInt8]) throws(SealRefusal) {
        let parts = proof.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "v1" else { throw .damaged }
        guard !keys.isEmpty else { throw .noKey }
        guard let key = keys.first(where: { $0.id == parts[1] }) else { throw .unknownKey }
        guard ConstantTime.equal(Array(Self.code(bytes, key).utf8), Array(parts[2].utf8)) else { throw .damaged }
    }

    private static func code(_ bytes: [UInt8], _ key: Key) -> String {
        Base64URL.encode(Array(HMAC<SHA256>.authenticationCode(for: bytes, using: key.attesting)))
    }

    /// What a text sealed under the newest key begins with.
    public var newestPrefix: String? { keys.first.map { "v1.\($0.id)." } }
}
