import Platform

/// The queue's tables, and what an operator does with it. What is done in the background is declared by each feature.
enum BackgroundJobs {
    /// How long a dead job is kept.
    static let daysOfTheDead = 30

    static let forgetDead = Job.scheduled(
        "jobs.forget_dead", .daily(at: "03:10"), "Forgets jobs that have been dead for 30 days"
    ) { run in
        let before = run.services.clock.now().addingTimeInterval(-Double(daysOfTheDead) * 86_400)
        try await run.services.platform.deleteInSlices(
            from: "lean.jobs", where: "state = 'dead' and died_at < \(before)")
    }
}

extension Feature {
    /// Work beside the requests.
    public static func jobs() -> Feature {
        Feature(
            name: "jobs",
            needs: ["core"],
            schema: BackgroundJobs.schema,
            jobs: [BackgroundJobs.forgetDead],
            events: [.jobFailed, .jobDead],
            checks: [HealthCheck("jobs") { try await BackgroundJobs.check($0) }],
            gauges: [Gauge("queue", BackgroundJobs.samples)]
        )
    }
}
