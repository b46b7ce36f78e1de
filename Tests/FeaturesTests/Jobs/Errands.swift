import Codecs
import Features
import Platform
import Postgres
import TestKit
import Threads

/// A feature whose jobs do as they are told, and tell what they did.
final class Errands: Sendable {
    struct Errand: Codable, Sendable, Equatable {
        var name = "errand"
        /// How many attempts fail.
        var failures = 0
        var isFinal = false
        /// Writes its row and ends in one transaction.
        var finishes = false
    }

    struct Failed: Error {}

    static let kind = JobKind<Errand>("errands.run", JobRules.usual.with(\.attempts, 3))
    static let open = JobKind<Errand>("errands.open", JobRules.usual.with(\.priority, 7)).openToCallers
    static let hasty = JobKind<Errand>("errands.hasty", JobRules.usual.with(\.deadline, .milliseconds(50)))
    static let urgent = JobKind<Errand>("errands.urgent", JobRules.usual.with(\.priority, 50))

    struct Done: Sendable, Equatable {
        let name: String
        let id: String
        let attempt: Int
    }

    private let list = Locked<[Done]>([])
    var done: [Done] { list.withLock { $0 } }
    var names: [String] { done.map(\.name) }

    func features(_ read: inout SettingReader, _ basics: Basics) -> [Feature] {
        Product.features(&read, basics) + [
            Feature(
                name: "errands", needs: ["jobs"],
                jobs: [
                    Self.kind.job("Does as it is told") { [self] errand, run in try await self.run(errand, run) },
                    Self.open.job("Does so for callers") { [self] errand, run in try await self.run(errand, run) },
                    Self.urgent.job("Does so first") { [self] errand, run in try await self.run(errand, run) },
                    Self.hasty.job("Takes too long") { [self] errand, run in
                        note(errand, run)
                        try await Task.sleep(for: .seconds(600))
                    },
                    .scheduled("errands.daily", .daily(at: "04:00"), "Once a day") { [self] run in
                        note(Errand(name: "daily"), run)
                    },
                    .scheduled("errands.skipping", .daily(at: "04:00", missed: .skip), "Once a day, if at all") {
                        [self] run in
                        note(Errand(name: "skipping"), run)
                    },
                ])
        ]
    }

    private func note(_ errand: Errand, _ run: JobRun) {
        list.withLock { $0.append(Done(name: errand.name, id: run.id, attempt: run.attempt)) }
    }

    private func run(_ errand: Errand, _ run: JobRun) async throws {
        note(errand, run)
        if errand.isFinal { throw JobFailure.final("it cannot be done") }
        if run.attempt <= errand.failures { throw Failed() }
        guard errand.finishes else { return }
        _ = try await run.services.platform.batch([
            """
            insert into lean.inbox (id, recipient, subject, text, html, at)
            values (gen_random_uuid()::text, 'effect', \(errand.name), '', '', now())
            """, run.finish(),
        ])
    }
}
