import Platform

/// What a person says of themselves: name, picture, preferences. Everybody has a profile from the first moment.
public enum Profiles {}

extension Feature {
    public static func profiles() -> Feature {
        Feature(
            name: "profiles",
            needs: ["auth", "organizations"],
            routes: [
                .get(
                    Profiles.path, .needs(.readProfile), "Read one's own profile", fails: [.profileNotFound],
                    Profiles.read
                ).named("profile_read"),
                .put(
                    Profiles.path, .needs(.updateProfile), "Change one's own profile", fails: [.profileNotFound],
                    Profiles.change
                ).named("profile_update"),
                .patch(
                    Profiles.path, .needs(.updateProfile), "Change one's own profile; the same as PUT",
                    fails: [.profileNotFound], Profiles.change
                ).named("profile_patch"),
            ],
            schema: Profiles.schema,
            permissions: [.readProfile, .updateProfile],
            events: [.profileChanged]
        )
    }
}

extension Profiles {
    /// The guide's address, which puts profiles under `auth`.
    static let path = "/functions/v1/auth_profile-management/profile"
}

extension Permission {
    static let readProfile = Permission("profile:read", from: .readonly, "Read one's own profile")
    static let updateProfile = Permission("profile:update", from: .member, "Change one's own profile")
}

extension Event {
    static let profileChanged = Event("profiles.changed", "A person changed their profile")
}

extension ProblemKind {
    static let profileNotFound = ProblemKind("PROFILE_NOT_FOUND", 404, "You have no profile.")
}
