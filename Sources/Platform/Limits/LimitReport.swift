import Codecs

/// How one limit stands for one subject.
public struct LimitReport: Sendable, Hashable {
    public let limit: String
    public let most: Int
    public let windowSeconds: Int
    /// Requests that the window holds, those under way with them.
    public let held: Int
    /// Until its block ends; 0 without one.
    public let blockedSeconds: Int
}

/// A limit as it is in force.
public struct LimitDescription: Sendable, Hashable {
    public let name: String
    public let most: Int
    public let windowSeconds: Int
    /// 0 without a block.
    public let blockSeconds: Int
}

extension LimitSubject {
    /// `address:203.0.113.7`, `person:UUID`, `organization:UUID`, `account:NAME,ADDRESS`, `account:NAME`: as operators write one.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return nil }
        switch parts[0] {
        case "address":
            guard let address = IPAddress(parts[1]) else { return nil }
            self = .address(address.description)
        case "person":
            guard let id = ID<Person>(parts[1]) else { return nil }
            self = .person(id)
        case "organization":
            guard let id = ID<Organization>(parts[1]) else { return nil }
            self = .organization(id)
        case "account":
            let names = parts[1].split(separator: ",", maxSplits: 1).map(String.init)
            guard names.count == 2 else {
                guard let name = names.first else { return nil }
                self = .accountAnywhere(name.lowercased())
                return
            }
            guard let address = IPAddress(names[1]) else { return nil }
            self = .account(names[0].lowercased(), at: address.description)
        default: return nil
        }
    }
}

extension Limits {
    /// All limits that are in force; none when they are disabled.
    public var inForce: [LimitDescription] {
        guard isOn else { return [] }
        return all.map {
            LimitDescription(
                name: $0.name, most: $0.most, windowSeconds: $0.windowMilliseconds / 1_000,
                blockSeconds: $0.blockMilliseconds / 1_000)
        }
    }

    /// Makes the limits known that routes name, for a process that serves none.
    package func learn(_ routes: [Route]) {
        for route in routes { _ = rules(of: route) }
    }

    /// Whether counts are shared by all nodes; nil when each keeps its own by design, false while the store is gone.
    public var sharesCounts: Bool? {
        shared == nil ? nil : !degradation.isAlone
    }

    /// How many nodes there are, as last heard.
    public var nodes: Int { degradation.nodes }

    /// How the limits stand that concern the subject: in the shared store, else in this node's memory.
    public func report(on subject: LimitSubject) async throws -> [LimitReport] {
        let demands = demands(about: subject)
        guard let shared else { return report(demands, remembered(demands.map(\.key), demands.map(\.rule))) }
        return report(demands, try await shared.look(demands, reset: shared.lastReset()))
    }

    /// Forgets the subject's counts and blocks, or everybody's: in the shared store and in this node's memory.
    public func reset(_ subject: LimitSubject?) async throws {
        if let shared {
            if let subject {
                try await shared.remove(demands(about: subject), reset: shared.lastReset())
            } else {
                degradation.hear(reset: try await shared.resetAll())
            }
        }
        forget(subject.map { hashes(of: $0) })
    }

    // MARK: - Between nodes, which speak of hashes alone

    /// The keys of the limits that concern the subject, in hex.
    package func hashes(of subject: LimitSubject) -> [String] { demands(about: subject).map(\.key.hex) }

    /// Another process has reset everything: this node's counts begin anew, those in the shared store with them.
    package func hearOfReset() async {
        forget(nil)
        await beat()
    }

    /// Forgets keys, or all, in this node's memory.
    package func forget(_ hashes: [String]?) {
        guard let hashes else { return memory.removeAll() }
        for key in hashes.compactMap(SipHash.Digest.init(hex:)) { memory.remove(key) }
    }

    /// What this node's memory holds under the keys: requests and ms until a block ends, for each.
    package func remembered(_ hashes: [String], windows: [Int]) -> [(held: Int, blocked: Int)] {
        zip(hashes, windows).map { hash, window in
            SipHash.Digest(hex: hash).map { remembered($0, window) } ?? (0, 0)
        }
    }

    /// Reports of what another node remembers.
    package func report(on subject: LimitSubject, _ found: [(held: Int, blocked: Int)]) -> [LimitReport] {
        report(demands(about: subject), found)
    }

    private func remembered(_ keys: [SipHash.Digest], _ rules: [LimitRule]) -> [(held: Int, blocked: Int)] {
        zip(keys, rules).map { remembered($0, $1.windowMilliseconds) }
    }

    private func remembered(_ key: SipHash.Digest, _ window: Int) -> (held: Int, blocked: Int) {
        guard window > 0, var found = memory.window(key, now: now) else { return (0, 0) }
        found.advance(window, now)
        let blocked = max(0, Int(found.blockedUntil) * 1_000 - now)
        guard found.blockedUntil == 0 || blocked > 0 else { return (0, 0) }
        return (found.held(window, now), blocked)
    }

    private func report(_ demands: [LimitDemand], _ found: [(held: Int, blocked: Int)]) -> [LimitReport] {
        zip(demands, found).map { demand, found in
            LimitReport(
                limit: demand.rule.name, most: demand.most, windowSeconds: demand.rule.windowMilliseconds / 1_000,
                held: found.held, blockedSeconds: (found.blocked + 999) / 1_000)
        }
    }

    private func demands(about subject: LimitSubject) -> [LimitDemand] {
        let party = keys.party(subject)
        return all.filter { concerns($0, subject) }.map { party.demand($0) }
    }

    private func concerns(_ rule: LimitRule, _ subject: LimitSubject) -> Bool {
        switch subject {
        case .organization: rule === tier
        case .account: rule.scope == .accountAtAddress
        case .accountAnywhere: rule.scope == .account
        case .address: rule.scope != .accountAtAddress && rule.scope != .account && rule !== tier
        case .person: rule.scope == .caller && rule !== tier
        }
    }
}
