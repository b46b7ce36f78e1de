import Codecs
import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Profiles {
    /// What is to change; all else stays.
    struct Change: RequestInput {
        let name: String?
        let avatarURL: String?
        let metadata: JSONObject?
        let preferences: Preferences.Change?

        static let input = Input<Change>(
            Field.optionalText("name", 1...100, "What the person is called.").example("Ada Lovelace")
                .must("have a character that can be seen, and none that breaks a line") { $0.map(isName) ?? true },
            Field.optionalText("avatar_url", 0...2_048, "Where their picture is; empty: there is none.")
                .example("https://example.com/ada.png")
                .must("be an address that begins with https:// or http:// and names no user") {
                    $0.map(isPicture) ?? true
                },
            Field.object("metadata", maxBytes: 16_384, "Merged into what is there; null removes a member.")
                .example(["team": "engines"]),
            Field.object("preferences", of: Preferences.Change.input, "What of the preferences is to change."),
            make: Change.init(name:avatarURL:metadata:preferences:)
        )

        private static func isName(_ text: String) -> Bool {
            text.contains { !$0.isWhitespace }
                && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
        }

        /// Pages show it as a picture: nothing that a browser would run, nor an address that hides another.
        private static func isPicture(_ text: String) -> Bool {
            guard !text.isEmpty else { return true }
            guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"\"'<>\\`".utf8.contains($0) }) else {
                return false
            }
            guard let address = URLComponents(string: text), ["https", "http"].contains(address.scheme) else {
                return false
            }
            return address.host?.isEmpty == false && address.user == nil && address.password == nil
        }
    }

    struct ChangeAnswer: Output {
        let profile: Written<Profile>
        let timestamp: Date

        static let shape = Shape<ChangeAnswer>(
            "ProfileChange",
            [
                Member("success") { _ in true }.example(true), Member("profile") { $0.profile },
                Member("message") { _ in "Profile updated successfully" }.example("Profile updated successfully"),
                Member("timestamp") { $0.timestamp },
            ])
    }

    static func change(_ call: Call<Principal, Change>) async throws -> ChangeAnswer {
        let caller = call.caller
        let profile: Profile?
        do {
            profile = try await call.database.first(statement(call.input, call.now)) {
                try Profile($0, of: caller.role, call.services.permissions)
            }
        } catch DatabaseError.server(let error) where error.state == .invalidParameterValue {
            let problem = FieldProblem("preferences.timezone", "must be a time zone's name, as Europe/London")
            throw Problem(.invalidInput, fields: [problem], cause: error)
        } catch DatabaseError.server(let error) where error.constraint == metadataLimit {
            let problem = FieldProblem("metadata", "must have at most 20480 bytes with what is there")
            throw Problem(.invalidInput, fields: [problem], cause: error)
        }
        guard let profile else { throw Problem(.profileNotFound) }
        // Also what stands under another organization that the person acts for.
        await call.services.cache.forget(.person(caller.id))
        call.emit(.profileChanged, ["person": caller.id.text])
        return ChangeAnswer(profile: Written(profile), timestamp: call.now)
    }

    /// A time zone is given to PostgreSQL to use, which refuses one that it does not know.
    private static func statement(_ change: Change, _ now: Date) -> SQL {
        let (preferences, metadata) = (change.preferences, change.metadata ?? [:])
        let removed = SQLArray(metadata.filter { $0.value == .null }.map(\.key))
        return """
            update public.profiles p
            set name = coalesce(\(change.name), p.name),
                avatar_url = nullif(coalesce(\(change.avatarURL), p.avatar_url), ''),
                metadata = (p.metadata || \(JSON.object(metadata))::jsonb) - \(removed)::text[],
                theme = coalesce(\(preferences?.theme), p.theme),
                language = coalesce(\(preferences?.language), p.language),
                timezone = case when now() at time zone coalesce(\(preferences?.timezone), 'UTC') is not null
                    then coalesce(\(preferences?.timezone), p.timezone) end,
                notify_email = coalesce(\(preferences?.notifications?.email), p.notify_email),
                notify_push = coalesce(\(preferences?.notifications?.push), p.notify_push),
                notify_marketing = coalesce(\(preferences?.notifications?.marketing), p.notify_marketing),
                updated_at = \(now)
            returning \(Profile.columns)
            """
    }
}
