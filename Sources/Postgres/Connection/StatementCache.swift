/// The statements that one connection holds prepared, least recently used first out.
///
/// They are named per (role, SQL): a plan made under one role's row-level security is thrown away when another role runs
/// it, which costs a third of the throughput when two roles alternate.
struct StatementCache {
    struct Key: Hashable {
        let role: String
        let statement: RenderedSQL.Shape
    }

    /// A prepared statement.
    struct Entry {
        let name: String
        /// Whether its rows may be asked for in binary: known once it has been answered in text.
        fileprivate(set) var isBinary = false
        fileprivate var lastUse: Int
    }

    private var entries: [Key: Entry] = [:]
    private var uses = 0
    private var names = 0
    let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    /// The prepared statement, when there is one.
    mutating func use(_ key: Key) -> Entry? {
        guard let place = entries.index(forKey: key) else { return nil }
        uses += 1
        entries.values[place].lastUse = uses
        return entries.values[place]
    }

    /// Notes that all columns of its rows can be read in binary.
    mutating func setBinary(_ key: Key) {
        entries[key]?.isBinary = true
    }

    /// A name that no statement of this connection has had.
    mutating func newName() -> String {
        names += 1
        return "s\(names)"
    }

    /// Notes that the server has it. Gives back the name that has to be deallocated to make room, if any.
    mutating func insert(_ key: Key, name: String) -> String? {
        uses += 1
        entries[key] = Entry(name: name, lastUse: uses)
        guard entries.count > limit, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse })
        else { return nil }
        entries[oldest.key] = nil
        return oldest.value.name
    }

    /// Forgets all. Gives back their names.
    mutating func removeAll() -> [String] {
        defer { entries.removeAll() }
        return entries.values.map(\.name)
    }
}
