import Threads

/// What a node forgot and the others are to forget: gathered, so that many changes are told together.
final class Rumours: Sendable {
    /// What is forgotten.
    enum Rumour: Hashable, Sendable {
        /// One value of a scope, by its hash.
        case value(CacheScope, key: String)
        /// All of a scope.
        case scope(CacheScope)
        case everything
    }

    /// More are told as one: forget everything.
    static let most = 10_000
    /// A notification of PostgreSQL holds 8,000 bytes.
    static let perMessage = 60

    /// By which a node knows its own words.
    private let node: String
    /// What is to be told, and whether Redis has missed it.
    private let waiting = Locked<[Rumour: Bool]>([:])
    private let (signals, feed) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    init(of node: String) {
        self.node = node
    }

    /// - Parameter isMissed: whether Redis could not be told, so that whoever hears it and reaches Redis tells it.
    func add(_ rumour: Rumour, isMissed: Bool = false) {
        waiting.withLock { waiting in
            if waiting.count >= Self.most { waiting = [.everything: waiting.values.contains(true)] }
            let heading = waiting[.everything] == nil ? rumour : .everything
            waiting[heading] = isMissed || waiting[heading] ?? false
        }
        feed.yield()
    }

    /// Sends what is waiting as soon as there is something, until the task is cancelled. What could not be sent is sent
    /// again.
    func run(_ send: ([String]) async throws -> Void) async {
        var pause: Duration = .zero
        for await _ in signals {
            let taken = take()
            guard !taken.isEmpty else { continue }
            do {
                try await send(messages(taken))
                pause = .zero
            } catch {
                for (rumour, isMissed) in taken { add(rumour, isMissed: isMissed) }
                if Task.isCancelled { return }
                pause = min(max(pause * 2, .milliseconds(20)), .seconds(5))
                do { try await Task.sleep(for: pause) } catch { return }
            }
        }
    }

    /// Sends once what is still waiting: the node ends, and what it forgot last is to be heard.
    ///
    /// In a task of its own: the caller's is cancelled by then, and a cancelled task takes its statement along.
    ///
    /// - Throws: what `send` throws, whose deadline is the only one.
    func finish(_ send: @escaping @Sendable ([String]) async throws -> Void) async throws {
        let messages = messages(take())
        guard !messages.isEmpty else { return }
        try await Task.detached { try await send(messages) }.value
    }

    private func take() -> [Rumour: Bool] {
        waiting.withLock { waiting in
            defer { waiting = [:] }
            return waiting
        }
    }

    private func messages(_ rumours: [Rumour: Bool]) -> [String] {
        let lines = rumours.map { $0.key.text + ($0.value ? " missed" : "") }
        return stride(from: 0, to: lines.count, by: Self.perMessage).map { first in
            ([node] + lines[first..<min(first + Self.perMessage, lines.count)]).joined(separator: "\n")
        }
    }

    /// What another node says, and whether Redis has missed it; nil when it is our own word or none at all.
    static func read(_ message: String, besides node: String) -> [(rumour: Rumour, isMissed: Bool)]? {
        let lines = message.split(separator: "\n")
        guard let speaker = lines.first, speaker != node else { return nil }
        return lines.dropFirst().map { line in
            let words = line.split(separator: " ").map(String.init)
            // What is not understood comes of a newer version: whatever it means, to forget everything covers it.
            guard words.count == 2 || words.count == 3 && words[2] == "missed" else {
                return (.everything, words.last == "missed")
            }
            return (Rumour(words) ?? .everything, words.count == 3)
        }
    }
}

extension Rumours.Rumour {
    fileprivate var text: String {
        switch self {
        case .value(let scope, let key): scope.text + " " + key
        case .scope(let scope): scope.text + " *"
        case .everything: "* *"
        }
    }

    /// - Parameter words: at least two.
    fileprivate init?(_ words: [String]) {
        if words[0] == "*" {
            self = .everything
        } else if let scope = CacheScope(words[0]) {
            self = words[1] == "*" ? .scope(scope) : .value(scope, key: words[1])
        } else {
            return nil
        }
    }
}

extension CacheScope {
    init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        switch (parts.first, parts.count) {
        case ("everyone", 1): self = .everyone
        case ("person", 2): if let id = ID<Person>(parts[1]) { self = .person(id) } else { return nil }
        case ("organization", 2):
            if let id = ID<Organization>(parts[1]) { self = .organization(id) } else { return nil }
        default: return nil
        }
    }
}
