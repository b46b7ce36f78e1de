import Codecs
import Platform
import Postgres

extension RateLimits {
    /// On which nodes hear of resets and questions. What is said there are hashes, never whose.
    static let channel = "lean_limits"

    /// A node's ear, and what it answers.
    static func listening() -> (Subscription, BackgroundService) {
        // More than a few questions at once are no operator's.
        let (questions, feed) = AsyncStream<String>.makeStream(bufferingPolicy: .bufferingNewest(16))
        let subscription = Subscription(channel) {
            feed.yield($0)
        } onGap: {
        }
        let service = BackgroundService("limits.answers") { services in
            for await question in questions { await hear(question, services) }
        }
        return (subscription, service)
    }

    /// `reset`, `reset HASH…`, or `show CHANNEL HASH:WINDOW…`. Anything else is nobody's of ours.
    private static func hear(_ question: String, _ services: Services) async {
        let words = question.split(separator: " ").map(String.init)
        switch words.first {
        case "reset":
            guard words.count > 1 else { return await services.limits.hearOfReset() }
            services.limits.forget(Array(words.dropFirst()))
        case "show" where words.count > 2 && isAnswerChannel(words[1]):
            let pairs = words.dropFirst(2).map { $0.split(separator: ":").map(String.init) }
            let (hashes, windows) = (pairs.map { $0.first ?? "" }, pairs.map { $0.last.flatMap { Int($0) } ?? 0 })
            let found = services.limits.remembered(hashes, windows: windows)
            let answer = found.map { "\($0.held):\($0.blocked)" }.joined(separator: " ")
            do {
                try await services.platform.run("select pg_notify(\(words[1]), \(answer))")
            } catch {
                services.log.warning("a question about limits was not answered", metadata: ["cause": "\(error)"])
            }
        default:
            services.log.debug("not understood", metadata: ["channel": .string(channel)])
        }
    }

    private static let answers = "lean_limits_answer_"

    private static func isAnswerChannel(_ name: String) -> Bool {
        name.hasPrefix(answers) && name.utf8.count < 64 && name.dropFirst(answers.count).allSatisfy { $0.isLetter }
    }

    /// Asks all nodes what they remember of the subject, and takes what comes within a second.
    static func askNodes(_ subject: LimitSubject, _ services: Services) async throws -> [[LimitReport]] {
        let own = answers + String((0..<20).map { _ in "abcdefghijklmnop".randomElement() ?? "a" })
        let limits = services.limits
        let windows = limits.report(on: subject, limits.hashes(of: subject).map { _ in (0, 0) }).map(\.windowSeconds)
        let pairs = zip(limits.hashes(of: subject), windows).map { "\($0):\($1 * 1_000)" }
        let question = "show \(own) " + pairs.joined(separator: " ")
        let (heard, feed) = AsyncStream<ListenEvent>.makeStream(bufferingPolicy: .bufferingNewest(1_000))
        let (answered, sink) = AsyncStream<String>.makeStream(bufferingPolicy: .bufferingNewest(1_000))
        let listener = Listener(services.listening, channels: [own]) { feed.yield($0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await listener.run() }
            group.addTask {
                for await event in heard {
                    switch event {
                    case .connected: try await services.platform.run("select pg_notify(\(channel), \(question))")
                    case .lost: break
                    case .notification(_, let answer): sink.yield(answer)
                    }
                }
            }
            group.addTask { try await Task.sleep(for: .seconds(1)) }
            // The second is over, or the question could not be asked.
            try await group.next()
            group.cancelAll()
        }
        sink.finish()
        var reports: [[LimitReport]] = []
        for await answer in answered { reports.append(limits.report(on: subject, numbers(answer))) }
        return reports
    }

    /// `held:blocked held:blocked …`
    private static func numbers(_ answer: String) -> [(held: Int, blocked: Int)] {
        answer.split(separator: " ").map { pair in
            let numbers = pair.split(separator: ":").compactMap { Int($0) }
            return (held: numbers.first ?? 0, blocked: numbers.last ?? 0)
        }
    }
}

/// What `leansaas limits` does.
public enum LimitsSwitch {
    /// How the subject's limits stand: one list when all nodes share their counts, else one for each node that answers.
    public static func show(_ subject: LimitSubject, _ services: Services) async throws -> [[LimitReport]] {
        guard services.limits.sharesCounts == nil else { return [try await services.limits.report(on: subject)] }
        return try await RateLimits.askNodes(subject, services)
    }

    /// Forgets the subject's counts and blocks, or everybody's, on all nodes.
    public static func reset(_ subject: LimitSubject?, _ services: Services) async throws {
        try await services.limits.reset(subject)
        let words = ["reset"] + (subject.map { services.limits.hashes(of: $0) } ?? [])
        let message = words.joined(separator: " ")
        try await services.platform.run("select pg_notify(\(RateLimits.channel), \(message))")
    }

    /// Gives an organization a tier, and a number of its own instead of the tier's if one is named.
    public static func set(
        _ organization: ID<Organization>, _ tier: Tier, requestsPerHour: Int?, _ services: Services
    ) async throws {
        do {
            try await services.platform.run(
                """
                insert into lean.organization_limits (organization_id, tier, requests_per_hour)
                values (\(organization), \(tier.rawValue), \(requestsPerHour))
                on conflict (organization_id) do update
                set tier = excluded.tier, requests_per_hour = excluded.requests_per_hour, updated_at = now()
                """)
        } catch DatabaseError.server(let error) where error.state == .foreignKeyViolation {
            throw Problem(.notFound, "There is no such organization.", cause: error)
        }
    }
}
