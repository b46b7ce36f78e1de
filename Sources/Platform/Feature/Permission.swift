/// Something a member may do: `notes:write`, and the roles that may.
///
/// Routes ask for it with `.needs`, policies with `auth.permits('notes:write')`: both read this declaration.
public struct Permission: Hashable, Sendable {
    /// `resource:action`.
    public let name: String
    public let doc: String
    public let roles: Set<OrganizationRole>

    /// - Parameter least: the least of the roles that has it; the greater ones have it too.
    public init(_ name: String, from least: OrganizationRole, _ doc: String) {
        self.name = name
        self.doc = doc
        roles = Set(OrganizationRole.allCases.filter { $0 >= least })
    }
}
