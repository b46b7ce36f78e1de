import Codecs
import Crypto

/// Whose a value is. A key names it, so that nobody is given what was read for another.
public enum CacheScope: Hashable, Sendable {
    /// The same for all, visitors too.
    case everyone
    case person(ID<Person>)
    case organization(ID<Organization>)

    var text: String {
        switch self {
        case .everyone: "everyone"
        case .person(let id): "person:" + id.text
        case .organization(let id): "organization:" + id.text
        }
    }
}

/// What can be cached: it writes itself to bytes and reads itself back.
public protocol Cacheable: Sendable {
    /// Name and version of the bytes: `profile.1`. Another version is another key, so that nodes of two versions share
    /// a Redis and never read each other's.
    static var cacheForm: String { get }
    var cacheBytes: [UInt8] { get }
    /// Nil for bytes that are none of it.
    init?(cacheBytes: [UInt8])
}

/// The name of a cached value: how it is kept, whose it is, which of theirs.
public struct CacheKey<Value: Cacheable>: Hashable, Sendable {
    let strategy: CacheStrategy
    let id: CacheID

    /// - Parameter name: which value, where a scope has several of the type.
    public init(_ strategy: CacheStrategy, of scope: CacheScope, _ name: String = "") {
        self.strategy = strategy
        id = CacheID(scope: scope, form: Value.cacheForm, name: name)
    }
}

/// A key without its type, as memory holds it.
struct CacheID: Hashable, Sendable {
    let scope: CacheScope
    let form: String
    let name: String

    /// Its name among all nodes: a hash, so that Redis holds nobody's id and no name of a length that a client chose.
    /// What stands in braces is the scope's, which keeps all of a scope's values in one slot of a cluster.
    var shared: SharedName {
        SharedName(scope: Self.hash(scope.text), key: Self.hash("\(form)\u{0}\(name)"))
    }

    struct SharedName: Sendable, Hashable {
        let scope: String
        let key: String

        var value: String { "cache:{\(scope)}:\(key)" }
        var members: String { "cache:{\(scope)}:members" }
        var generation: String { "cache:{\(scope)}:generation" }
    }

    static func hash(_ text: String) -> String {
        Hex.encode(Array(SHA256.hash(data: Array(text.utf8)).prefix(16)))
    }
}
