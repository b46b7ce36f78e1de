import Platform
import Providers

/// How letters leave: by Resend, by a mail server, or into the inbox page of a developer's machine.
struct MailSettings: Sendable {
    let transport: (any MailTransport)?
    let from: Mailbox
    let isOn: Bool
    let folder: String?
    let templates: [LetterTopic: String]

    init(_ read: inout SettingReader) {
        read.group("Mail")
        isOn = read.bool("FEATURE_EMAIL", default: true, "Whether letters are sent at all.")
        let address = read.string(
            "EMAIL_FROM", default: read.stage == .production ? "" : "lean@localhost", aliases: ["RESEND_FROM_EMAIL"],
            config: "auth.email.smtp.admin_email", "The address that letters come from.")
        let name = read.string(
            "EMAIL_FROM_NAME", default: "Lean SaaS", config: "auth.email.smtp.sender_name",
            "The name beside it, and what letters and pages call the product.")
        from = Mailbox(name: name, address: address)
        let folder = read.string(
            "MAIL_TEXTS_DIR", default: "",
            "A folder whose files replace texts of letters: `confirmation.de.txt`. `leansaas mail texts` writes ours there."
        )
        self.folder = folder.isEmpty ? nil : folder
        templates = Self.templates(&read)
        let resend = Self.resend(&read)
        let smtp = Self.smtp(&read)
        transport = resend ?? smtp
        check(&read, hasBoth: resend != nil && smtp != nil)
    }

    /// - Throws: `LetterFault` for a text in MAIL_TEXTS_DIR that is none.
    func mail(_ product: Product, site: String) throws(LetterFault) -> Mail {
        let letters = try Letters(product.letters, folder: folder, product: from.name, site: site)
        return Mail(transport: transport, from: from, isOn: isOn, letters: letters, templates: templates)
    }

    /// All that is wrong with what stands in MAIL_TEXTS_DIR.
    func checkTexts(_ kinds: [LetterKind], _ read: inout SettingReader) {
        guard folder != nil else { return }
        do throws(LetterFault) {
            _ = try Letters(kinds, folder: folder, product: from.name, site: "")
        } catch {
            for fault in error.all {
                read.problem(
                    "MAIL_TEXTS_DIR", "holds what is no letter's text: \(fault)",
                    fix: "Mend the file or take it away; `leansaas mail texts` writes ours.")
            }
        }
    }

    private func check(_ read: inout SettingReader, hasBoth: Bool) {
        if hasBoth {
            read.problem("SMTP_HOST", "is set, and RESEND_API_KEY too", fix: "Keep the one that letters shall go by.")
        }
        if isOn, from.address.isEmpty {
            read.problem("EMAIL_FROM", "is not set", fix: "Set an address of a domain that may send for you.")
            return checkWay(&read)
        }
        let isAddress = from.address.split(separator: "@", omittingEmptySubsequences: false).count == 2
        if isOn, !isAddress || from.address.utf8.contains(where: { $0 <= 0x20 || $0 == 0x3E }) {
            read.problem("EMAIL_FROM", "is no address", fix: "Set an address of a domain that may send for you.")
        }
        checkWay(&read)
    }

    private func checkWay(_ read: inout SettingReader) {
        if isOn, transport == nil {
            read.problem(
                "RESEND_API_KEY", "is not set, nor is SMTP_HOST: no letter would leave",
                fix: "Set one of them, or FEATURE_EMAIL=false.", onlyIn: [.production, .staging])
        }
        if !isOn {
            read.advice("FEATURE_EMAIL", "no letter is sent: nobody can confirm an address or recover a password.")
        }
    }

    private static func templates(_ read: inout SettingReader) -> [LetterTopic: String] {
        var templates: [LetterTopic: String] = [:]
        for (topic, name, doc) in [
            (LetterTopic.welcome, "WELCOME_EMAIL_TEMPLATE_ID", "the first letter to a customer"),
            (.billing, "BILLING_EMAIL_TEMPLATE_ID", "invoices and payments"),
            (.notification, "NOTIFICATION_EMAIL_TEMPLATE_ID", "notices of an account, and alerts"),
        ] {
            let id = read.string(
                name, default: "",
                "A template at Resend for \(doc), which is given subject, text and all values. Empty: ours.")
            if !id.isEmpty { templates[topic] = id }
        }
        return templates
    }

    private static func resend(_ read: inout SettingReader) -> (any MailTransport)? {
        let key = read.secret("RESEND_API_KEY", need: .optional, "Resend's key, `re_…`: letters go by its API.")
        let url = read.url("RESEND_API_URL", default: "https://api.resend.com", "Where that API is.")
        return key.map { ResendTransport(key: $0, url: url ?? "https://api.resend.com") }
    }

    private static func smtp(_ read: inout SettingReader) -> (any MailTransport)? {
        let host = read.string(
            "SMTP_HOST", default: "", config: "auth.email.smtp.host", "A mail server that letters go by.")
        let port = read.int("SMTP_PORT", default: 587, in: 1...65_535, config: "auth.email.smtp.port", "Its port.")
        let user = read.string("SMTP_USER", default: "", config: "auth.email.smtp.user", "Our name there.")
        let password = read.secret("SMTP_PASS", need: .optional, config: "auth.email.smtp.pass", "The password of it.")
        let security = read.choice(
            "SMTP_SECURITY", default: port == 465 ? SMTPOptions.Security.tls : .starttls,
            "`starttls` (needed before anything is said), `tls` from the first byte, or `none`, which sends in the clear."
        )
        let authorities = read.string(
            "SMTP_TLS_CA_FILE", default: "", "PEM file of the authorities that its certificate is checked against.")
        let timeout = read.milliseconds(
            "SMTP_TIMEOUT", default: .seconds(30), in: .seconds(1)...(.seconds(300)), "The longest for one letter.")
        guard !host.isEmpty else { return nil }
        if security == .none, password != nil {
            read.problem(
                "SMTP_SECURITY", "must not be `none` with a password: it would go in the clear", fix: "Use `starttls`.")
        }
        return SMTPTransport(
            SMTPOptions(
                host: host, port: port, security: security, user: user.isEmpty ? nil : user, password: password,
                authorities: authorities.isEmpty ? nil : authorities, timeout: timeout))
    }
}
