import Codecs

/// Which master holds which of the 16384 slots.
struct SlotMap: Sendable {
    /// Empty: none is known.
    private(set) var masters: [RedisAddress] = []
    /// The index in `masters` of each slot's; -1: nobody's.
    private var owners: [Int16] = []

    var isEmpty: Bool { masters.isEmpty }

    init() {}

    /// From CLUSTER SLOTS' answer; nil when it is of another shape, or names no master at all.
    ///
    /// - Parameter asked: who answered: a node that does not know its own address leaves its name empty.
    ///
    /// Source: https://redis.io/docs/latest/commands/cluster-slots
    init?(_ answer: RESPValue, asked: RedisAddress) {
        guard let ranges = answer.elements, ranges.count <= RedisSlot.count else { return nil }
        owners = Array(repeating: -1, count: RedisSlot.count)
        for range in ranges {
            guard let parts = range.elements, parts.count >= 3, let first = parts[0].integer,
                let last = parts[1].integer,
                first >= 0, last < RedisSlot.count, first <= last, let master = Self.address(parts[2], asked),
                let index = index(of: master)
            else { return nil }
            for slot in first...last { owners[slot] = index }
        }
        if isEmpty { return nil }
    }

    private static func address(_ node: RESPValue, _ asked: RedisAddress) -> RedisAddress? {
        guard let parts = node.elements, parts.count >= 2 else { return nil }
        guard let port = parts[1].integer, (1...65_535).contains(port) else { return nil }
        let host = parts[0].text ?? ""
        if host.isEmpty { return asked.host.map { .host($0, port: port) } }
        return host == "?" ? nil : .host(host, port: port)
    }

    /// Nil when there are more masters than any cluster has.
    private mutating func index(of master: RedisAddress) -> Int16? {
        if let index = masters.firstIndex(of: master) { return Int16(index) }
        guard masters.count < Self.mostMasters else { return nil }
        masters.append(master)
        return Int16(masters.count - 1)
    }

    /// Source: the cluster's specification, which recommends 1,000 nodes at most.
    static let mostMasters = 1_000

    func master(of slot: Int) -> RedisAddress? {
        guard owners.indices.contains(slot), owners[slot] >= 0 else { return nil }
        return masters[Int(owners[slot])]
    }

    /// One slot went to another master, until all are asked for again.
    mutating func move(_ slot: Int, to master: RedisAddress) {
        guard owners.indices.contains(slot), let index = index(of: master) else { return }
        owners[slot] = index
    }
}
