import Codecs
import Crypto
import Foundation
import TestKit

/// Sends webhooks as Svix does for Resend, signed by its scheme: docs.svix.com/receiving/verifying-payloads/how-manual.
struct Svix: Sendable {
    /// `whsec_…`: one for each signature, since a sender signs under two while its secret is being changed.
    var secrets = [TestNode.webhookSecret]
    /// Nil: new with each webhook.
    var id: String?
    /// How long ago it was signed, by the wall.
    var age: Int = 0

    func headers(_ body: [UInt8]) -> [String: String] {
        let id = id ?? "msg_" + UUID().uuidString.replacing("-", with: "")
        let timestamp = "\(Int(Date().timeIntervalSince1970) - age)"
        let signatures = secrets.map { secret in
            let key = SymmetricKey(data: Data(base64Encoded: String(secret.dropFirst(6))) ?? Data())
            let code = HMAC<SHA256>.authenticationCode(for: Array("\(id).\(timestamp).".utf8) + body, using: key)
            return "v1," + Data(code).base64EncodedString()
        }
        return [
            "svix-id": id, "svix-timestamp": timestamp, "svix-signature": signatures.joined(separator: " "),
            "user-agent": "Svix-Webhooks/1.40.0",
        ]
    }

    func send(_ event: JSON, to path: String, _ client: TestClient) async throws -> TestAnswer {
        let body = event.encoded()
        return try await send(body, signedAs: headers(body), to: path, client)
    }

    /// - Parameter headers: of the body that was signed, which may be another.
    func send(
        _ body: [UInt8], signedAs headers: [String: String], to path: String, _ client: TestClient
    ) async throws -> TestAnswer {
        let signed = headers.reduce(client) { $0.with($1.key, $1.value) }
        return try await signed.send(.POST, path, body)
    }
}
