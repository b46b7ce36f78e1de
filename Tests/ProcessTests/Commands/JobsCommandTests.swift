import Features
import LeanSaaS
import Platform
import Postgres
import TestKit
import Testing

/// `leansaas jobs`, and what commands say where something is not there.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct JobsCommandTests {
    @Test func `whoever retries nothing is told so, with 1`() async throws {
        let leansaas = try await TestNode.program()
        let id = "6d0c1f9e-3a0e-4a5b-9d86-3f4f3d0b9d11"
        for (arguments, sentence) in [
            ([id], "no dead job has the id \(id)"), (["--kind", "nosuch"], "no feature has jobs of the kind nosuch"),
        ] {
            let outcome = try await leansaas.run(["jobs", "retry"] + arguments)
            #expect(outcome.status == 1)
            #expect(outcome.complaint.contains(sentence), "\(outcome.complaint)")
        }
        #expect(try await leansaas.run("jobs", "retry", "--kind", "mailing.deliver").lines == ["begun anew: 0"])
    }

    @Test func `run says how many failed, and ends with 1 if any did`() async throws {
        let leansaas = try await TestNode.program()
        // Schedules begin with their next time.
        #expect(try await leansaas.run("jobs", "run").lines == ["ran: 0  failed: 0"])
        let services = try await TestNode.make().services
        try await services.platform.run(
            "insert into lean.jobs (kind, input) values ('mailing.deliver', '{\"no\": \"letter\"}')")
        let failed = try await leansaas.run("jobs", "run")
        #expect(failed.status == 1)
        // Beside it stands the log's line of the job.
        #expect(failed.lines.contains { $0.hasPrefix("ran: ") && $0.hasSuffix("  failed: 1") }, "\(failed.output)")
        #expect(try await leansaas.run("jobs", "dead").output.contains("its input cannot be read"))
    }

    @Test func `a database that is not migrated, or not there, is told in a sentence`() async throws {
        let owner = try await TestDatabase.current.pool(as: "postgres")
        try await owner.run("drop schema auth, lean cascade")
        await owner.close()
        let empty = try await TestNode.program().run("jobs")
        #expect(empty.status == 1)
        #expect(empty.complaint == "the database is not migrated: run `leansaas migrate up`\n")
        let url = "postgresql://authenticator@127.0.0.1:1/app"
        let gone = try await TestNode.program(settings: [
            "DATABASE_URL": url, "DATABASE_DIRECT_URL": url, "DATABASE_POOLER": "none",
            "DATABASE_CONNECTION_TIMEOUT": "500",
        ]).run("jobs")
        #expect(gone.status == 1)
        #expect(gone.complaint.hasPrefix("PostgreSQL cannot be reached: "), "\(gone.complaint)")
        #expect(gone.complaint.split(separator: "\n").count == 1)
    }

    @Test func `a folder that is no installation stays none`() async throws {
        let outcome = try await Program([:]).run("jobs", "--data", "nodir")
        #expect(outcome.status == 1)
        #expect(outcome.complaint.contains("nodir is no installation"), "\(outcome.complaint)")
    }

    @Test func `limits tier shows its own usage`() async throws {
        let outcome = try await TestNode.program().run("limits", "tier", "x", "pro")
        #expect(outcome.status == 64)
        #expect(outcome.complaint.contains("x is no organization's id"))
        #expect(outcome.complaint.contains("leansaas limits tier"), "\(outcome.complaint)")
    }
}
