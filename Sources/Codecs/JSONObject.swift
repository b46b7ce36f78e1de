/// The members of a JSON object, in the order they were first written.
///
/// Keys are compared by their bytes, as PostgreSQL and JavaScript do, not by Unicode's canonical equivalence:
/// two spellings of `é` are two keys. Equality ignores order.
public struct JSONObject: Sendable {
    private var entries: [(key: String, value: JSON)] = []

    /// Where each key stands; kept only beyond `scanLimit` members, since a scan of few is faster than hashing.
    private var positions: [ByteKey: Int] = [:]
    private static let scanLimit = 16

    public init() {}

    /// Members in this order; of a repeated key the last value, at the first position.
    public init(_ members: some Sequence<(String, JSON)>) {
        for (key, value) in members {
            self[key] = value
        }
    }

    public var count: Int { entries.count }
    public var isEmpty: Bool { entries.isEmpty }
    public var keys: [String] { entries.map(\.key) }

    /// The member's value; nil if there is none. Setting nil removes it, setting a new key appends it.
    public subscript(key: String) -> JSON? {
        get {
            position(of: key).map { entries[$0].value }
        }
        set {
            switch (position(of: key), newValue) {
            case (let position?, let value?): entries[position].value = value
            case (let position?, nil): remove(at: position)
            case (nil, let value?): append(key, value)
            case (nil, nil): break
            }
        }
    }

    private func position(of key: String) -> Int? {
        guard entries.count > Self.scanLimit else {
            return entries.firstIndex { ByteKey($0.key) == ByteKey(key) }
        }
        return positions[ByteKey(key)]
    }

    private mutating func append(_ key: String, _ value: JSON) {
        entries.append((key, value))
        if entries.count > Self.scanLimit + 1 {
            positions[ByteKey(key)] = entries.count - 1
        } else if entries.count == Self.scanLimit + 1 {
            indexAll()
        }
    }

    private mutating func remove(at position: Int) {
        entries.remove(at: position)
        indexAll()
    }

    private mutating func indexAll() {
        positions.removeAll(keepingCapacity: true)
        guard entries.count > Self.scanLimit else { return }
        for (position, entry) in entries.enumerated() {
            positions[ByteKey(entry.key)] = position
        }
    }
}

extension JSONObject: Sequence {
    public func makeIterator() -> IndexingIterator<[(key: String, value: JSON)]> {
        entries.makeIterator()
    }
}

extension JSONObject: Hashable {
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.count == right.count && left.allSatisfy { right[$0.key] == $0.value }
    }

    public func hash(into hasher: inout Hasher) {
        // A sum, because two objects that differ in order are equal and so must hash alike.
        var sum = 0
        for entry in entries {
            var member = Hasher()
            member.combine(ByteKey(entry.key))
            member.combine(entry.value)
            sum &+= member.finalize()
        }
        hasher.combine(sum)
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self.init(elements)
    }
}

/// A string that is equal to another only if their UTF-8 bytes are.
private struct ByteKey: Hashable {
    let text: String

    init(_ text: String) {
        self.text = text
    }

    static func == (left: ByteKey, right: ByteKey) -> Bool {
        // Equal bytes imply canonical equivalence, and that comparison is the quick one for short ASCII.
        left.text == right.text && left.text.utf8.elementsEqual(right.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
