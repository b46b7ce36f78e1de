import Platform

/// What happened, kept so that nobody changes it unnoticed: rows that only grow, chained and signed a moment after they are
/// written. See docs/operating/audit.md.
public enum Audit {
    /// How long it is kept from where something was done, and with what.
    static let daysOfPersonal = 365

    /// A person who goes takes along what was kept of where they came from; the rest goes when its time is over.
    static let forgetPersonal = Job.scheduled(
        "audit.forget_personal", .daily(at: "03:40"),
        "Forgets from where and with what things were done more than \(daysOfPersonal) days ago"
    ) { run in
        let before = run.services.clock.now().addingTimeInterval(-Double(daysOfPersonal) * 86_400)
        try await run.services.platform.deleteInSlices(from: "lean.audit_personal", where: "at < \(before)")
    }

    /// Whoever ships the log elsewhere has the head outside of the database, where nobody who changes the one can change it.
    static let tellHead = Job.scheduled(
        "audit.tell_head", .hourly(at: 17), "Tells the log the head of the audit log's chain"
    ) { run in
        guard let head = try await AuditHead.newest(run.services.platform) else { return }
        run.services.events.emit(
            .auditHead, ["sequence": "\(head.sequence)", "hash": head.text], log: run.services.log)
    }
}

extension Feature {
    /// The audit log.
    public static func audit(_ read: inout SettingReader) -> Feature {
        read.group("Audit log")
        let isOn = read.bool(
            "ENABLE_AUDIT_LOGGING", default: true, "Whether what happened is kept in the audit log.")
        if !read.isSet("ENCRYPTION_KEY") {
            read.advice(
                "ENCRYPTION_KEY",
                "is not set: the audit log is not signed, and whoever owns its tables can write it anew. Key pairs need it too."
            )
        }
        let sealer = Sealer()
        return Feature(
            name: "audit",
            needs: ["jobs", "auth", "organizations"],
            functions: [
                .get(
                    "list", .signedIn, "What you did, and with the permission what was done in the organization",
                    Audit.list)
            ],
            routes: [
                .get("/auth/v1/admin/audit", .administrator, "What was done, the newest first", Audit.adminList)
                    .answers(
                        .json([Audit.AdminEntry].memberType).with(
                            .totalCount, "How many entries there are, counted to 10,000 or past this page."
                        ).with(.link, "The next and the last page (RFC 8288).")
                    ).named("auth_admin_audit")
            ],
            schema: Audit.schema,
            jobs: [Audit.forgetPersonal, Audit.tellHead],
            permissions: [.readAudit],
            events: [.auditHead, .auditChainBroken, .permissionRefused, .operatorCommand],
            checks: [HealthCheck("audit") { try await Audit.check(sealer, $0) }],
            gauges: [Gauge("audit", Audit.samples)],
            auditor: isOn ? Audit.auditor : nil,
            background: [sealer.service]
        )
    }
}

extension Permission {
    static let readAudit = Permission("audit:read", from: .admin, "See what was done in the organization")
}

extension Event {
    /// A warning, though nothing is wrong: a log that leaves it out in production proves nothing.
    static let auditHead = Event(
        "audit.head",
        "Where the audit log's chain stands, once an hour: keep it, `leansaas audit verify --head` takes it",
        at: .warning)
}

extension Event {
    /// Of the program itself. It says no more to the log than the command does to the terminal.
    public static let operatorCommand = Event(
        "operator.command", "Somebody with the installation's settings used a command that changes something",
        at: .trace,
        kept: .security(.admin))
}

extension Audit {
    static let auditor = Auditor { rows in "select lean.record_events(\(rows)::jsonb)" }
}
