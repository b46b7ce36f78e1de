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
        let who: LimitSubject
        var demands: [LimitDemand] = []
        switch caller {
        case .service:
            return []
        case .visitor:
            who = .address(address)
            if route.isCounted { demands.append(demand(global, who, cost: route.cost)) }
        case .person(let principal):
            guard !principal.isOperator else { return [] }
            who = .person(principal.id)
            if route.isCounted {
                demands.append(
                    demand(
                        tier, .organization(principal.organization), cost: route.cost,
                        most: settings.most(principal.allowance)))
            }
        }
        if route.isCounted { demands.append(demand(perMinute, who, cost: route.cost)) }
        for rule in route.rules {
            switch rule.scope {
            case .caller: demands.append(demand(rule, who))
            case .address: demands.append(demand(rule, .address(address)))
            case .accountAtAddress:
                if let account { demands.append(demand(rule, .account(account, at: address))) }
            case .account: break
            }
        }
        return demands
    }

    /// What is asked about an account wherever it is tried from.
    func demands(_ route: RouteLimits, _ caller: Caller, account: String) -> [LimitDemand] {
        guard case .visitor = caller else { return [] }
        return route.rules.filter { $0.scope == .account }.map { demand($0, .accountAnywhere(account)) }
    }

    func demand(_ rule: LimitRule, _ subject: LimitSubject, cost: Int = 1, most: Int? = nil) -> LimitDemand {
        keys.demand(rule, subject, cost: cost, most: most ?? rule.most)
    }
}
