import Codecs
import Platform

extension SignIn {
    static let keySetType = MemberType.record(
        "KeySet",
        [
            (
                "keys",
                .list(
                    .object.example([
                        "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig",
                        "kid": "8f14e45f-ceea-467f-a9d8-2d3f1b6c7a10",
                        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
                    ]))
            )
        ])

    /// RFC 7517, 5: public halves alone. Empty as long as JWT_SECRET signs, which nobody can verify but us.
    func publicKeys(_ call: Call<Visitor, NoInput>) async throws -> Answer {
        let keys = try await signingKeys.published(call.services)
        let body: JSON = ["keys": .array(keys)]
        // GoTrue's ten minutes; whoever meets an unknown `kid` asks again.
        var answer = Answer(headers: [(.cacheControl, "public, max-age=600")], body)
        answer.entityTag = keys.isEmpty ? "none" : keys.compactMap { $0["kid"]?.string }.joined(separator: ".")
        return answer
    }
}
