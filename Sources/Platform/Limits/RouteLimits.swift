extension Route {
    /// The same route, whose requests the limits count too. Several routes that do the same thing name the same limit.
    public func limited(by limits: Limit...) -> Route {
        var route = self
        route.limits += limits
        return route
    }

    /// The same route, of which one request counts as so many API calls: for what is dear.
    public func costs(_ calls: Int) -> Route {
        precondition(calls > 0, "what costs nothing is uncounted")
        var route = self
        route.cost = calls
        return route
    }

    /// The same route, whose requests are no API calls: health and the like.
    public func uncounted() -> Route {
        var route = self
        route.isCounted = false
        return route
    }

    /// Whether any limit may refuse it.
    public var isLimited: Bool { isCounted || !limits.isEmpty }
}

/// What the requests of one route meet.
struct RouteLimits: Sendable {
    /// Whether they count as API calls: per minute, and per hour of the address or the organization.
    let isCounted: Bool
    /// How many calls one of them counts as.
    let cost: Int
    /// The limits that the route names.
    let rules: [LimitRule]
    /// Whether the verb must first say which account is tried: then it asks, and nothing is asked before.
    let awaitsAccount: Bool
}

extension Limits {
    /// What is asked about a request. Operators and the product's own servers are asked nothing.
    func demands(_ route: RouteLimits, _ caller: Caller, address: String, account: String?) -> [LimitDemand] {
        let who: LimitParty
        var demands: [LimitDemand] = []
        switch caller {
        case .service:
            return []
        case .visitor:
            who = keys.party(.address(address))
            if route.isCounted { demands.append(who.demand(global, cost: route.cost)) }
        case .person(let principal):
            guard !principal.isOperator else { return [] }
            who = keys.party(.person(principal.id))
            if route.isCounted {
                demands.append(
                    keys.party(.organization(principal.organization)).demand(
                        tier, cost: route.cost, most: settings.most(principal.allowance)))
            }
        }
        if route.isCounted { demands.append(who.demand(perMinute, cost: route.cost)) }
        for rule in route.rules {
            switch rule.scope {
            case .caller: demands.append(who.demand(rule))
            case .address: demands.append(keys.party(.address(address)).demand(rule))
            case .accountAtAddress:
                if let account { demands.append(keys.party(.account(account, at: address)).demand(rule)) }
            case .account: break
            }
        }
        return demands
    }

    /// What is asked about an account wherever it is tried from.
    func demands(_ route: RouteLimits, _ caller: Caller, account: String) -> [LimitDemand] {
        guard case .visitor = caller else { return [] }
        return route.rules.filter { $0.scope == .account }.map { keys.party(.accountAnywhere(account)).demand($0) }
    }
}
