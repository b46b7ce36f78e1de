import Platform
import Postgres

extension SignIn {
    static let linkKind = JobKind<LinkRequest>("auth.send_link", JobRules.usual.with(\.priority, 10))

    var sendLinkJob: Job {
        Self.linkKind.job("Sends a letter with a link and a code") { [self] request, run in
            try await sendLink(request, id: run.id, run.services)
        }
    }

    /// The statement that asks for the letter in whatever transaction it is put into. The same letter asked for again while
    /// it waits is one letter; two people's to one address are two.
    func post(_ request: LinkRequest, _ services: Services) throws -> SQL {
        try services.jobs.enqueue(
            Self.linkKind, request,
            key: "\(request.purpose.rawValue) \(request.person ?? "") \(request.address)".prefixed(200))
    }
}

extension String {
    fileprivate func prefixed(_ most: Int) -> String { String(prefix(most)) }
}

extension LetterKind {
    /// All that sign-in sends.
    static let signIn: [LetterKind] = [
        .confirmation, .accountExists, .invite, .magicLink, .recovery, .reauthentication, .emailChange,
        .emailChangeCurrent, .passwordChanged, .emailChanged, .newDevice, .welcome, .unlock,
    ]
}
