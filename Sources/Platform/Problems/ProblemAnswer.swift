import Codecs
import HTTPTypes

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Problem {
    /// The problem as the surface's clients expect it. Only kind, sentence and field names leave the server.
    ///
    /// - Parameter house: what a page needs beside the problem.
    func answer(
        on surface: Surface, requestID: String, at now: Date, headers: HTTPFields, in house: House = .none
    ) -> Answer {
        var writer = JSONWriter()
        var extra: [(HTTPField.Name, String)] = []
        switch surface {
        case .functions, .plain: writeFunctions(&writer, requestID, now)
        case .page: break
        case .auth:
            if let version = headers[.supabaseAPIVersion], version >= "2024-01-01" {
                extra.append((.supabaseAPIVersion, "2024-01-01"))
                writeAuth20240101(&writer)
            } else {
                writeAuth(&writer)
            }
        }
        if let retryAfterSeconds = retryAfterSeconds ?? kind.usualRetrySeconds {
            extra.append((.retryAfter, String(retryAfterSeconds)))
        }
        if kind.status == 401 { extra.append((.wwwAuthenticate, "Bearer")) }
        guard surface != .page else {
            var answer = Page(self, requestID: requestID, headers, in: house).answer
            answer.headers += extra
            return answer
        }
        return Answer(status: kind.status, headers: extra, body: .json(writer.bytes))
    }

    private func writeFunctions(_ writer: inout JSONWriter, _ requestID: String, _ now: Date) {
        writer.beginObject()
        writer.key("error")
        writer.beginObject()
        writer.key("code")
        writer.string(kind.code)
        writer.key("message")
        writer.string(message)
        if !fields.isEmpty {
            writer.key("details")
            writer.beginArray()
            for field in fields {
                writer.beginObject()
                writer.key("field")
                writer.string(field.field)
                writer.key("message")
                writer.string(field.message)
                writer.endObject()
            }
            writer.endArray()
        }
        writer.endObject()
        writer.key("timestamp")
        now.write(to: &writer)
        writer.key("requestId")
        writer.string(requestID)
        writer.endObject()
    }

    /// GoTrue's first shape.
    private func writeAuth(_ writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("code")
        writer.int(kind.status)
        writer.key("error_code")
        writer.string(kind.code(on: .auth))
        writer.key("msg")
        writer.string(authMessage)
        writeWeakPassword(&writer)
        writer.endObject()
    }

    /// GoTrue's shape for clients that send `X-Supabase-Api-Version: 2024-01-01`.
    private func writeAuth20240101(_ writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("code")
        writer.string(kind.code(on: .auth))
        writer.key("message")
        writer.string(authMessage)
        writeWeakPassword(&writer)
        writer.endObject()
    }

    private func writeWeakPassword(_ writer: inout JSONWriter) {
        guard kind.code == "weak_password" else { return }
        writer.key("weak_password")
        writer.beginObject()
        writer.key("reasons")
        writer.beginArray()
        for field in fields { writer.string(field.message) }
        writer.endArray()
        writer.endObject()
    }

    private var authMessage: String {
        guard !fields.isEmpty, kind.code != "weak_password" else { return message }
        return fields.map { "\($0.field) \($0.message)" }.joined(separator: "; ")
    }
}

extension ProblemKind {
    /// Of kinds that pass by themselves: their answers always say when to come back.
    var usualRetrySeconds: Int? { status == 429 || status == 503 ? 1 : nil }

    /// The code as the surface's clients are told it: on the auth surface GoTrue's, also for kinds that belong to all.
    func code(on surface: Surface) -> String {
        guard surface == .auth else { return code }
        return switch self {
        case .invalidInput, .unsupportedMediaType: "validation_failed"
        case .badJSON: "bad_json"
        case .notAuthenticated: "no_authorization"
        case .notAuthorized, .missingPermission, .accessDenied: "not_admin"
        case .conflict: "conflict"
        case .internalError: "unexpected_failure"
        case .unavailable, .timeout: "request_timeout"
        case .rateLimited: "over_request_rate_limit"
        default: code.lowercased()
        }
    }
}

extension HTTPField.Name {
    /// A name that stands in the program.
    static func known(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is a header's name") }
        return name
    }

    static let supabaseAPIVersion = known("X-Supabase-Api-Version")
    static let requestID = known("X-Request-ID")
    static let apiKey = known("apikey")
    static let forwardedFor = known("X-Forwarded-For")
    static let forwardedProto = known("X-Forwarded-Proto")
    static let pragma = known("Pragma")
    static let xssProtection = known("X-XSS-Protection")
    static let frameOptions = known("X-Frame-Options")
    static let referrerPolicy = known("Referrer-Policy")
    static let permissionsPolicy = known("Permissions-Policy")
    /// The version of the functions API, on `core_version`.
    public static let apiVersion = known("X-API-Version")
    public static let buildNumber = known("X-Build-Number")
    public static let commitHash = known("X-Commit-Hash")
    public static let environment = known("X-Environment")
    public static let configVersion = known("X-Config-Version")
    public static let warningCount = known("X-Warning-Count")
}
