/// Whose ids `ID<Person>` are: rows of `auth.users`.
public enum Person {}
/// Rows of `auth.sessions`.
public enum Session {}
/// Rows of `public.organizations`.
public enum Organization {}

/// What a member may do in an organization, from most to least.
public enum OrganizationRole: String, Sendable, CaseIterable, Comparable {
    case readonly, member, admin, owner

    public static func < (left: OrganizationRole, right: OrganizationRole) -> Bool {
        left.rank < right.rank
    }

    /// The guide's name of what a person may do: `admin`, `user` or `readonly`.
    public var guideName: String {
        switch self {
        case .owner, .admin: "admin"
        case .member: "user"
        case .readonly: "readonly"
        }
    }

    private var rank: Int {
        switch self {
        case .readonly: 0
        case .member: 1
        case .admin: 2
        case .owner: 3
        }
    }
}

/// A person who is signed in, acting for one organization.
///
/// Its values are the session's as the node last read them; the database checks them again in the very transaction that
/// uses them.
public struct Principal: Sendable {
    public let id: ID<Person>
    public let session: ID<Session>
    public let organization: ID<Organization>
    public let role: OrganizationRole
    /// An operator of this installation (`auth.users.is_super_admin`).
    public let isOperator: Bool
    /// The API calls that the organization has.
    public let allowance: Allowance
    /// When the person last proved who they are with a password: not by refreshing.
    public let claims: Claims

    public init(
        id: ID<Person>, session: ID<Session>, organization: ID<Organization>, role: OrganizationRole,
        isOperator: Bool, allowance: Allowance, claims: Claims
    ) {
        self.id = id
        self.session = session
        self.organization = organization
        self.role = role
        self.isOperator = isOperator
        self.allowance = allowance
        self.claims = claims
    }
}

/// Nobody in particular: the route is open, and credentials were not looked at.
public struct Visitor: Sendable {}

/// A server of the product's own, with the service_role key: it passes row-level security.
public struct ServiceCaller: Sendable {
    public let claims: Claims

    public init(claims: Claims) {
        self.claims = claims
    }
}

/// Who a request comes from, once its credentials have been checked.
public enum Caller: Sendable {
    /// No credentials, or the anon key alone.
    case visitor
    case person(Principal)
    case service(ServiceCaller)

    /// For the log: who, without naming anyone.
    var logID: String? {
        switch self {
        case .visitor: nil
        case .person(let principal): principal.id.text
        case .service: "service_role"
        }
    }
}
