import CCurl
import Platform

/// One letter on its way to the mail server: a libcurl handle from beginning to end, on the thread that calls.
enum SMTPDelivery {
    static func run(_ message: MailMessage, _ options: SMTPOptions) -> Result<Void, MailFailure> {
        guard let handle = curl_easy_init() else { return .failure(MailFailure(.passing, "out of memory")) }
        defer { curl_easy_cleanup(handle) }
        configure(handle, options)
        let body = SMTPBody(handle, message)
        defer { body.free() }
        guard body.isWhole else { return .failure(MailFailure(.passing, "out of memory")) }
        lean_curl_set_text(handle, CURLOPT_MAIL_FROM, "<\(message.from.address)>")
        lean_curl_set_list(handle, CURLOPT_MAIL_RCPT, body.recipients)
        lean_curl_set_list(handle, CURLOPT_HTTPHEADER, body.headers)
        lean_curl_set_mime(handle, body.mime)
        return judge(curl_easy_perform(handle), reply: lean_curl_response_code(handle))
    }

    private static func configure(_ handle: UnsafeMutableRawPointer?, _ options: SMTPOptions) {
        lean_curl_set_text(handle, CURLOPT_URL, options.url)
        lean_curl_set_text(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        // No signals: this is one of many threads.
        lean_curl_set_number(handle, CURLOPT_NOSIGNAL, 1)
        let milliseconds = Int(options.timeout / .milliseconds(1))
        lean_curl_set_number(handle, CURLOPT_TIMEOUT_MS, milliseconds)
        lean_curl_set_number(handle, CURLOPT_CONNECTTIMEOUT_MS, min(10_000, milliseconds))
        if options.security != .none {
            lean_curl_set_number(handle, CURLOPT_USE_SSL, Int(CURLUSESSL_ALL.rawValue))
            lean_curl_set_number(handle, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
            if let authorities = options.authorities { lean_curl_set_text(handle, CURLOPT_CAINFO, authorities) }
        }
        if let user = options.user { lean_curl_set_text(handle, CURLOPT_USERNAME, user) }
        if let password = options.password { lean_curl_set_text(handle, CURLOPT_PASSWORD, password.reveal()) }
        // What the server says after the letter is nobody's output.
        lean_curl_set_sink(handle) { _, size, count, _ in size * count }
    }

    /// The server's last reply tells a refusal for good (5yz) from one for now (RFC 5321, 4.2.1).
    private static func judge(_ code: CURLcode, reply: Int) -> Result<Void, MailFailure> {
        guard code != CURLE_OK else { return .success(()) }
        let reason = "\(String(cString: curl_easy_strerror(code))) (curl \(code.rawValue), SMTP \(reply))"
        switch code {
        case CURLE_LOGIN_DENIED, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_USE_SSL_FAILED:
            return .failure(MailFailure(.refused, reason))
        default:
            guard reply >= 500 else { return .failure(MailFailure(.passing, reason)) }
            // 550, 551, 553 and 554 after RCPT speak of the mailbox; libcurl reports a refused recipient as a send error.
            let isMailbox = code == CURLE_SEND_ERROR && [550, 551, 553].contains(reply)
            return .failure(MailFailure(isMailbox ? .badRecipient : .refused, reason))
        }
    }
}

/// The letter as libcurl takes it. Whoever makes one frees it.
struct SMTPBody {
    let mime: OpaquePointer?
    let headers: UnsafeMutablePointer<curl_slist>?
    let recipients: UnsafeMutablePointer<curl_slist>?

    init(_ handle: UnsafeMutableRawPointer?, _ message: MailMessage) {
        mime = Self.alternatives(handle, message)
        headers = Self.list(MailHeaders(message).lines)
        recipients = Self.list(["<\(message.recipient)>"])
    }

    var isWhole: Bool { mime != nil && headers != nil && recipients != nil }

    func free() {
        curl_mime_free(mime)
        curl_slist_free_all(headers)
        curl_slist_free_all(recipients)
    }

    /// The plain text first, the HTML last: a reader takes the last that it knows (RFC 2046, 5.1.4).
    private static func alternatives(_ handle: UnsafeMutableRawPointer?, _ message: MailMessage) -> OpaquePointer? {
        guard let mime = curl_mime_init(handle) else { return nil }
        guard let whole = curl_mime_addpart(mime), let parts = curl_mime_init(handle) else {
            curl_mime_free(mime)
            return nil
        }
        let isWhole =
            add(message.text, "text/plain; charset=utf-8", to: parts)
            && add(message.html, "text/html; charset=utf-8", to: parts)
        // From here on the outer one owns the inner.
        guard curl_mime_subparts(whole, parts) == CURLE_OK, isWhole,
            curl_mime_type(whole, "multipart/alternative") == CURLE_OK
        else {
            curl_mime_free(mime)
            return nil
        }
        return mime
    }

    private static func add(_ text: String, _ type: String, to parts: OpaquePointer) -> Bool {
        guard let part = curl_mime_addpart(parts) else { return false }
        return curl_mime_data(part, text, text.utf8.count) == CURLE_OK && curl_mime_type(part, type) == CURLE_OK
            && curl_mime_encoder(part, "quoted-printable") == CURLE_OK
    }

    private static func list(_ lines: [String]) -> UnsafeMutablePointer<curl_slist>? {
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines {
            guard let longer = curl_slist_append(list, line) else {
                curl_slist_free_all(list)
                return nil
            }
            list = longer
        }
        return list
    }
}
