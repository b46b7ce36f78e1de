/// A map that holds at most `limit` values: two generations, of which the older is dropped when the younger is full, so
/// that what is used stays and nothing has to be ordered (as in Go's and jwt caches' "two-generation" scheme).
package struct BoundedCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private var young: [Key: Value] = [:]
    private var old: [Key: Value] = [:]
    private let generation: Int

    package init(limit: Int) {
        generation = max(1, limit / 2)
    }

    package var count: Int { young.count + old.count }

    package mutating func value(of key: Key) -> Value? {
        if let value = young[key] { return value }
        guard let value = old.removeValue(forKey: key) else { return nil }
        insert(value, for: key)
        return value
    }

    package mutating func insert(_ value: Value, for key: Key) {
        if young.count >= generation {
            old = young
            young = [:]
        }
        young[key] = value
    }

    package mutating func remove(_ key: Key) {
        young[key] = nil
        old[key] = nil
    }

    package mutating func removeAll(where isDoomed: (Key, Value) -> Bool) {
        young = young.filter { !isDoomed($0.key, $0.value) }
        old = old.filter { !isDoomed($0.key, $0.value) }
    }

    package mutating func removeAll() {
        young.removeAll()
        old.removeAll()
    }
}
