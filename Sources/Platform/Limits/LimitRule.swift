import Codecs
import Synchronization

/// A limit as this installation enforces it: the mode and the environment's numbers applied, texts made.
final class LimitRule: Sendable {
    let name: String
    /// Of the name: the same on every node.
    let id: UInt64
    let most: Int
    let windowMilliseconds: Int
    /// 0 without one.
    let blockMilliseconds: Int
    let scope: Limit.Scope
    let counting: Limit.Counting
    /// Whether it refuses with 503 while the shared store is gone.
    let closesWithoutStore: Bool
    /// `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-11, section 4).
    let policy: String
    let mostText: String
    /// `"name"`, as RateLimit begins.
    let quotedName: String
    private let admissions = Atomic(0)
    private let refusals = Atomic(0)

    init(_ limit: Limit, most: Int, closesWithoutStore: Bool) {
        name = limit.name
        id = Self.id(of: limit.name)
        self.most = most
        windowMilliseconds = Int(limit.window.milliseconds)
        blockMilliseconds = Int(limit.block?.milliseconds ?? 0)
        scope = limit.scope
        counting = limit.counting
        self.closesWithoutStore = closesWithoutStore && limit.closesWithoutStore
        quotedName = "\"\(limit.name)\""
        policy = "\"\(limit.name)\";q=\(most);w=\(windowMilliseconds / 1_000)"
        mostText = String(most)
    }

    /// Whether it counts only when the outcome is known: until then the request is under way.
    var awaitsOutcome: Bool { counting != .all }

    /// Requests since the start.
    var admitted: Int { admissions.load(ordering: .relaxed) }
    var refused: Int { refusals.load(ordering: .relaxed) }

    func noteAdmitted() { admissions.wrappingAdd(1, ordering: .relaxed) }
    func noteRefused() { refusals.wrappingAdd(1, ordering: .relaxed) }

    /// Under a fixed key, which need not be secret: names are few and ours.
    private static func id(of name: String) -> UInt64 {
        let hash = SipHash(key: SipHash.Digest(first: 0, second: 0))
        return Array(name.utf8).withUnsafeBytes { hash.finished(with: $0) }.first
    }

    /// Whether a request with this status used it up.
    func counts(status: Int) -> Bool {
        switch counting {
        case .all: true
        case .failures: (400..<500).contains(status)
        case .successes: status < 400
        }
    }
}
