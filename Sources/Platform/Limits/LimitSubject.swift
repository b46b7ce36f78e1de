import Codecs
import Crypto

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Who a limit counts for.
public enum LimitSubject: Sendable, Hashable {
    /// The client's address as text; of IPv6 the /64 counts, which is what one household or server gets.
    case address(String)
    case person(ID<Person>)
    case organization(ID<Organization>)
    /// One account, by the name that was shown for it, as tried from one address.
    case account(String, at: String)
    /// One account, by that name, from wherever it is tried.
    case accountAnywhere(String)

    /// For events and metrics, which never name anyone.
    public enum Kind: String, Sendable {
        case address, person, organization, account
    }

    public var kind: Kind {
        switch self {
        case .address: .address
        case .person: .person
        case .organization: .organization
        case .account, .accountAnywhere: .account
        }
    }
}

/// A subject, hashed once for all limits that it meets.
struct LimitParty: Sendable {
    let kind: LimitSubject.Kind
    /// The subject's own key, whatever the limit.
    let key: SipHash.Digest
    /// What its counts stand beside in a cluster: an account's with its address. Zero where there is none.
    let anchor: SipHash.Digest

    /// The key of what the rule counts for it. The first half is the same for all rules: their windows lie side by side.
    func key(_ rule: LimitRule) -> SipHash.Digest {
        SipHash.Digest(first: key.first, second: key.second ^ rule.id)
    }

    func demand(_ rule: LimitRule, cost: Int = 1, most: Int? = nil) -> LimitDemand {
        LimitDemand(rule: rule, key: key(rule), anchor: anchor, kind: kind, cost: cost, most: most ?? rule.most)
    }
}

/// Makes keys of subjects: hashes under a secret of the product, so that neither memory nor Redis holds an address or an
/// account's name, and nobody can choose names that fall together.
struct LimitKeys: Sendable {
    private let secret: SipHash.Digest
    private let isShared: Bool

    /// - Parameters:
    ///   - secret: JWT_SECRET; all nodes share it, and so the keys.
    ///   - isShared: whether a store that all nodes share gets them too.
    init(_ secret: Secret, isShared: Bool) {
        self.isShared = isShared
        let derived = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: Array(secret.reveal().utf8)), info: Array("lean limits v1".utf8),
            outputByteCount: 16)
        self.secret = derived.withUnsafeBytes { bytes in
            SipHash.Digest(
                first: UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self)),
                second: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        }
    }

    func party(_ subject: LimitSubject) -> LimitParty {
        let key = key(of: subject)
        guard isShared else {
            return LimitParty(kind: subject.kind, key: key, anchor: SipHash.Digest(first: 0, second: 0))
        }
        guard case .account(_, let address) = subject else {
            return LimitParty(kind: subject.kind, key: key, anchor: key)
        }
        return LimitParty(kind: subject.kind, key: key, anchor: self.key(of: .address(address)))
    }

    private func key(of subject: LimitSubject) -> SipHash.Digest {
        var hash = SipHash(key: secret)
        switch subject {
        case .address(let text):
            return Self.finish(&hash, kind: 1, address: text)
        case .person(let id):
            return Self.finish(&hash, kind: 2, id.uuid)
        case .organization(let id):
            return Self.finish(&hash, kind: 3, id.uuid)
        case .account(let name, let address):
            // The name's length keeps it apart from the address behind it.
            hash.add(UInt64(name.utf8.count))
            return Self.finish(&hash, kind: 4, address: address, name)
        case .accountAnywhere(let name):
            hash.add(5)
            var name = name
            return name.withUTF8 { hash.finished(with: UnsafeRawBufferPointer($0)) }
        }
    }

    private static func finish(_ hash: inout SipHash, kind: UInt64, _ uuid: UUID) -> SipHash.Digest {
        hash.add(kind)
        return withUnsafeBytes(of: uuid.uuid) { hash.finished(with: $0) }
    }

    private static func finish(
        _ hash: inout SipHash, kind: UInt64, address: String, _ name: String = ""
    ) -> SipHash.Digest {
        hash.add(kind)
        var text = name + network(address)
        return text.withUTF8 { hash.finished(with: UnsafeRawBufferPointer($0)) }
    }

    /// The address itself, or the first 64 bits of IPv6.
    private static func network(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: ":")), let address = IPAddress(text) else { return text }
        guard address.family == .v6 else { return address.description }
        return Hex.encode(Array(address.bytes[..<8]))
    }
}
