import Codecs
import Platform

extension SignIn {
    static let keySetType = MemberType.record("KeySet", [("keys", .list(.object))])

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
