/// Who may call a route. Its type parameter is who the verb then finds in `call.caller`: a verb that needs a person cannot
/// be mounted on a public route, that does not compile.
public struct Access<Granted: Sendable>: Sendable {
    /// For the route table: `public`, `signed in`, `needs notes:read`.
    public let name: String
    /// Whether credentials are looked at.
    let authenticates: Bool
    let permission: Permission?
    let admit: @Sendable (Caller) throws(Problem) -> Granted
}

extension Access where Granted == Visitor {
    /// Anyone. Credentials are not looked at, so a stale token does no harm.
    public static var `public`: Access {
        Access(name: "public", authenticates: false, permission: nil) { (_: Caller) throws(Problem) in Visitor() }
    }
}

extension Access where Granted == Principal {
    /// A person who is signed in.
    public static var signedIn: Access {
        Access(name: "signed in", authenticates: true, permission: nil, admit: principal)
    }

    /// A person whose role in the organization has the permission.
    public static func needs(_ permission: Permission) -> Access {
        Access(name: "needs \(permission.name)", authenticates: true, permission: permission) {
            (caller: Caller) throws(Problem) in
            let principal = try principal(caller)
            guard permission.roles.contains(principal.role) else { throw Problem(.missingPermission) }
            return principal
        }
    }

    /// An operator of this installation.
    public static var `operator`: Access {
        Access(name: "operator", authenticates: true, permission: nil) { (caller: Caller) throws(Problem) in
            let principal = try principal(caller)
            guard principal.isOperator else { throw Problem(.accessDenied) }
            return principal
        }
    }

    private static func principal(_ caller: Caller) throws(Problem) -> Principal {
        switch caller {
        case .person(let principal): principal
        case .visitor: throw Problem(.notAuthenticated)
        case .service: throw Problem(.notAuthorized, "A service key belongs to no organization. Sign in as a person.")
        }
    }
}

/// Who looks after accounts and organizations from outside of them.
public enum Administrator: Sendable {
    case `operator`(Principal)
    case service(ServiceCaller)

    /// The operator; nil: the product's own servers.
    public var person: ID<Person>? {
        switch self {
        case .operator(let principal): principal.id
        case .service: nil
        }
    }
}

extension Access where Granted == Administrator {
    /// An operator of this installation, or the service_role key.
    public static var administrator: Access {
        Access(name: "administrator", authenticates: true, permission: nil) {
            (caller: Caller) throws(Problem) in
            switch caller {
            case .service(let service): return .service(service)
            case .person(let principal) where principal.isOperator: return .operator(principal)
            case .person: throw Problem(.notAuthorized)
            case .visitor: throw Problem(.notAuthenticated)
            }
        }
    }
}

extension Access where Granted == ServiceCaller {
    /// The service_role key.
    public static var service: Access {
        Access(name: "service key", authenticates: true, permission: nil) { (caller: Caller) throws(Problem) in
            switch caller {
            case .service(let service): return service
            case .visitor: throw Problem(.notAuthenticated)
            case .person: throw Problem(.notAuthorized)
            }
        }
    }
}
