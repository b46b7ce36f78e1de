import Platform

/// Who works together: organizations, their members and roles. Every person has a personal one from the first moment.
public enum Organizations {}

extension Feature {
    public static func organizations() -> Feature {
        Feature(
            name: "organizations",
            needs: ["auth"],
            functions: [
                .get("list", .signedIn, "List the organizations that one is a member of", Organizations.list),
                .post(
                    "create", .signedIn, "Make an organization and own it", fails: [.tooManyOrganizations],
                    Organizations.create),
                .post("switch", .signedIn, "Act for another organization from now on", Organizations.switchTo),
                .get("members", .needs(.readMembers), "List the members", Organizations.members),
                .put(
                    "role", .needs(.manageMembers), "Change a member's role",
                    fails: [.lastOwner, .aboveYourRole], Organizations.changeRole),
                .delete(
                    "member", .needs(.manageMembers), "Remove a member", fails: [.lastOwner, .aboveYourRole],
                    Organizations.remove),
            ],
            schema: Organizations.schema,
            permissions: [.readMembers, .manageMembers],
            events: [.organizationCreated, .roleChanged, .memberRemoved]
        )
    }
}

extension Permission {
    static let readMembers = Permission("members:read", from: .readonly, "See who is a member")
    static let manageMembers = Permission("members:manage", from: .admin, "Change roles and remove members")
}

extension Event {
    static let organizationCreated = Event(
        "organizations.created", "An organization was made", kept: .in(.admin))
    static let roleChanged = Event(
        "organizations.role_changed", "A member's role was changed", at: .notice, kept: .in(.admin))
    static let memberRemoved = Event(
        "organizations.member_removed", "A member was removed", at: .notice, kept: .in(.admin))
}

extension ProblemKind {
    static let lastOwner = ProblemKind("LAST_OWNER", 400, "An organization keeps at least one owner.")
    static let tooManyOrganizations = ProblemKind(
        "TOO_MANY_ORGANIZATIONS", 400, "You have made as many organizations as one person may.")
    static let aboveYourRole = ProblemKind(
        "ABOVE_YOUR_ROLE", 403, "Only an owner makes, changes or removes owners.")
}
