/// A way in which a request can be refused. Declared once; its code is API and never renamed.
public struct ProblemKind: Hashable, Sendable {
    /// Stable and machine-readable: `INVALID_TITLE`; on the auth surface GoTrue's `error_code`.
    public let code: String
    /// HTTP status, 400...599.
    public let status: Int
    /// A sentence for people.
    public let title: String

    public init(_ code: String, _ status: Int, _ title: String) {
        precondition((400...599).contains(status), "a problem's status is an error's")
        self.code = code
        self.status = status
        self.title = title
    }
}

/// What is wrong with one field of the input. Never echoes the value.
public struct FieldProblem: Hashable, Sendable {
    public let field: String
    public let message: String

    public init(_ field: String, _ message: String) {
        self.field = field
        self.message = message
    }
}

/// A refusal: its kind, what the client is told beyond the kind's sentence, and the cause, which only the log sees.
public struct Problem: Error, Sendable {
    public let kind: ProblemKind
    public let detail: String?
    public let fields: [FieldProblem]
    /// Seconds after which trying again makes sense.
    public let retryAfterSeconds: Int?
    public let cause: (any Error)?

    public init(
        _ kind: ProblemKind, _ detail: String? = nil, fields: [FieldProblem] = [], retryAfterSeconds: Int? = nil,
        cause: (any Error)? = nil
    ) {
        self.kind = kind
        self.detail = detail
        self.fields = fields
        self.retryAfterSeconds = retryAfterSeconds
        self.cause = cause
    }

    /// The sentence that the client reads.
    public var message: String { detail ?? kind.title }
}
