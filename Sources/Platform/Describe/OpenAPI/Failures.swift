/// What a route can refuse with.
struct Failures {
    private let product: Product

    init(_ product: Product) {
        self.product = product
    }

    /// All kinds, those first that are the route's own. None twice.
    func kinds(of route: Route) -> [ProblemKind] {
        var kinds = route.fails
        if !route.inputs.isEmpty { kinds.append(.invalidInput) }
        if route.inputs.contains(where: { $0.schema.format == "uuid" }) { kinds.append(.notFound) }
        if route.authenticates {
            kinds += product.authenticator.fails + [.notAuthenticated, .notAuthorized]
            // Of any of them: a role can change between the look at the session and the statement.
            kinds.append(.missingPermission)
        }
        if route.readsBody { kinds += [.badJSON, .tooLarge, .unsupportedMediaType] }
        if route.rawBody != nil { kinds.append(.tooLarge) }
        if route.method != .get { kinds.append(.conflict) }
        if route.isLimited { kinds.append(.rateLimited) }
        if route.stopsForMaintenance { kinds.append(.maintenance) }
        kinds += ProblemKind.edge + [.internalError, .unavailable]
        var seen: Set<ProblemKind> = []
        return kinds.filter { seen.insert($0).inserted }
    }

    /// By status, in rising order.
    func byStatus(of route: Route) -> [(status: Int, kinds: [ProblemKind])] {
        Dictionary(grouping: kinds(of: route), by: \.status).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
