import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Profiles {
    struct ReadAnswer: Output {
        let profile: Written<Profile>
        let timestamp: Date

        static let shape = Shape<ReadAnswer>(
            "ProfileAnswer", [Member("profile") { $0.profile }, Member("timestamp") { $0.timestamp }])
    }

    /// Each page of a client asks for it, and it hardly ever changes: read from PostgreSQL once in a while, under the
    /// caller's own role.
    static func read(_ call: Call<Principal, NoInput>) async throws -> ReadAnswer {
        let caller = call.caller
        let profile = try await call.services.cache.value(for: Profile.key(caller)) {
            let profile = try await call.database.first("select \(Profile.columns) from public.profiles p") {
                try Profile($0, of: caller.role, call.services.permissions)
            }
            return profile.map { Written($0) }
        }
        guard let profile else { throw Problem(.profileNotFound) }
        return ReadAnswer(profile: profile, timestamp: call.now)
    }
}
