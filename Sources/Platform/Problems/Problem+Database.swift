import Postgres

/// Where errors become problems: the one table from SQLSTATEs and the pool's failures to what a client is told.
extension Problem {
    /// What to answer for anything that a verb threw.
    init(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let error as DatabaseError: self.init(database: error)
        case let failure as SharedStoreFailure: self.init(shared: failure)
        case is CancellationError: self.init(.timeout, cause: error)
        default: self.init(.internalError, cause: error)
        }
    }

    private init(database error: DatabaseError) {
        switch error {
        case .server(let server): self.init(server)
        case .connectionLost, .unavailable: self.init(.unavailable, retryAfterSeconds: 1, cause: error)
        case .timeout: self.init(.timeout, cause: error)
        case .noRow: self.init(.notFound, cause: error)
        case .unreadable: self.init(.internalError, cause: error)
        case .nulCharacter: self.init(.invalidInput, "Text must not contain the character U+0000.", cause: error)
        }
    }

    /// Whoever uses the shared store has a way on without it: this is for a feature of an author's that has none.
    private init(shared failure: SharedStoreFailure) {
        switch failure {
        case .unreachable, .busy, .deadline, .connectionLost:
            self.init(.unavailable, retryAfterSeconds: 1, cause: failure)
        case .cancelled: self.init(.timeout, cause: failure)
        case .refused, .unexpected: self.init(.internalError, cause: failure)
        }
    }

    private init(_ error: ServerError) {
        switch error.state {
        case .sessionEnded:
            self.init(.sessionEnded, cause: error)
        case .roleChanged:
            self.init(.missingPermission, "Your role has just changed. Repeat the request.", cause: error)
        case .insufficientPrivilege:
            self.init(.notAuthorized, cause: error)
        case .uniqueViolation, .foreignKeyViolation:
            self.init(.conflict, cause: error)
        case .notNullViolation, .checkViolation:
            self.init(.invalidInput, cause: error)
        case .queryCanceled:
            self.init(.timeout, cause: error)
        case .lockNotAvailable, .serializationFailure, .deadlockDetected:
            self.init(
                .unavailable, "Others are changing the same thing. Try again.", retryAfterSeconds: 1, cause: error)
        default:
            self.init(byClass: error)
        }
    }

    /// PostgreSQL appendix A: 08 connection, 22 data, 53 resources, 57 operator, 58 system.
    private init(byClass error: ServerError) {
        switch error.state.errorClass {
        case "22": self.init(.invalidInput, cause: error)
        case "08", "53", "57": self.init(.unavailable, retryAfterSeconds: 1, cause: error)
        default: self.init(.internalError, cause: error)
        }
    }
}

extension ProblemKind {
    /// GoTrue's code, since its clients look for it.
    public static let sessionEnded = ProblemKind("session_not_found", 401, "The session has ended. Sign in again.")
}
