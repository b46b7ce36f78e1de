import Codecs
import Platform

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a Supabase client is made with.
struct ClientKeys: Sendable {
    let url: String
    let anon: String
    let service: String

    /// Signs both keys, for ten years, as Supabase does.
    static func made(_ basics: Basics, now: Date) async throws -> ClientKeys {
        let tokens = TokenKeys(secret: basics.tokenSecret)
        let issued = Int(now.timeIntervalSince1970)
        func key(_ role: DatabaseRole) async throws -> String {
            try await tokens.sign([
                "iss": "supabase", "ref": .string(basics.project), "role": .string(role.rawValue),
                "iat": JSON(issued), "exp": JSON(issued + 315_360_000),
            ])
        }
        return ClientKeys(url: basics.apiURL, anon: try await key(.anon), service: try await key(.service))
    }
}
