/// The kinds that any route can answer with (requirements 2.2, "error codes").
extension ProblemKind {
    public static let invalidInput = ProblemKind("VALIDATION_ERROR", 400, "The request is not valid.")
    public static let badJSON = ProblemKind("VALIDATION_ERROR", 400, "The body is not valid JSON.")
    public static let businessRule = ProblemKind("BUSINESS_RULE_VIOLATION", 400, "A rule of the product forbids this.")
    public static let notAuthenticated = ProblemKind("AUTHENTICATION_ERROR", 401, "Sign in to do this.")
    public static let notAuthorized = ProblemKind("AUTHORIZATION_ERROR", 403, "This is not yours to do.")
    public static let missingPermission = ProblemKind(
        "INSUFFICIENT_PERMISSIONS", 403, "Your role does not allow this.")
    public static let accessDenied = ProblemKind("ACCESS_DENIED", 403, "This is not available here.")
    public static let notFound = ProblemKind("NOT_FOUND", 404, "There is no such thing.")
    public static let methodNotAllowed = ProblemKind(
        "METHOD_NOT_ALLOWED", 405, "This address does not take that method.")
    public static let conflict = ProblemKind("CONFLICT", 409, "This conflicts with what is there.")
    public static let tooLarge = ProblemKind("REQUEST_TOO_LARGE", 413, "The request is too large.")
    public static let unsupportedMediaType = ProblemKind(
        "UNSUPPORTED_MEDIA_TYPE", 415, "Send application/json.")
    public static let internalError = ProblemKind("INTERNAL_ERROR", 500, "Something went wrong on our side.")
    public static let unavailable = ProblemKind(
        "SERVICE_UNAVAILABLE", 503, "The service is not available right now. Try again shortly.")
    public static let maintenance = ProblemKind("SERVICE_UNAVAILABLE", 503, "System maintenance in progress")
    public static let timeout = ProblemKind("TIMEOUT_ERROR", 504, "This took too long.")

    /// What no route needs to list: any of them can meet these.
    static let universal: [ProblemKind] = [
        .invalidInput, .badJSON, .notAuthenticated, .notAuthorized, .missingPermission, .notFound, .methodNotAllowed,
        .conflict,
        .tooLarge, .unsupportedMediaType, .internalError, .unavailable, .timeout,
    ]
}
