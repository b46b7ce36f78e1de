/// Why a statement has no answer.
public enum DatabaseError: Error, Sendable {
    /// PostgreSQL refused it.
    case server(ServerError)
    /// The connection broke while the statement ran: whether it took effect is unknown.
    case connectionLost(String)
    /// No connection could be had within DATABASE_CONNECTION_TIMEOUT, or the queue for one is full.
    case unavailable(String)
    /// The statement's deadline passed; it was cancelled.
    case timeout
    /// A `one` that found no row.
    case noRow
    /// A column is missing, unexpectedly null or of another type.
    case unreadable(column: String)
    /// A text parameter holds U+0000, which PostgreSQL cannot store.
    case nulCharacter
}

/// A sentence on one line, as a log and an operator read it.
extension DatabaseError: CustomStringConvertible, CustomDebugStringConvertible {
    public var description: String {
        switch self {
        case .server(let error): "PostgreSQL refused: \(error)"
        case .connectionLost(let message): "the connection to PostgreSQL broke: \(Self.line(message))"
        case .unavailable(let message): "PostgreSQL cannot be reached: \(Self.line(message))"
        case .timeout: "PostgreSQL did not answer within the statement's deadline"
        case .noRow: "PostgreSQL found no row where there must be one"
        case .unreadable(let column): "the column \(column) is missing, null or of another type"
        case .nulCharacter: "a text holds U+0000, which PostgreSQL does not store"
        }
    }

    public var debugDescription: String { description }

    private static func line(_ message: String) -> String {
        message.split { $0.isNewline || $0.isWhitespace }.joined(separator: " ")
    }
}

/// What PostgreSQL said. Source: PostgreSQL documentation, appendix A and "Error and Notice Message Fields".
public struct ServerError: Error, Sendable {
    public let state: SQLState
    public let message: String
    public let detail: String?
    public let hint: String?
    public let schema: String?
    public let table: String?
    public let column: String?
    public let constraint: String?
}

/// What a log may hold: the message of a data error quotes the data (class 22) or the row (class 23), so there only the
/// names of what was violated are told.
extension ServerError: CustomStringConvertible, CustomDebugStringConvertible {
    public var description: String {
        let quotesData = state.errorClass == "22" || state.errorClass == "23"
        let place = [table, column, constraint].compactMap { $0 }.joined(separator: " ")
        let line = message.split { $0.isNewline }.joined(separator: " ")
        return "\(state)" + (quotesData ? "" : " \(line)") + (place.isEmpty ? "" : " (\(place))")
    }

    public var debugDescription: String { description }
}

/// A five-character code of PostgreSQL's appendix A, or one of ours (class `LS`).
public struct SQLState: Hashable, Sendable, CustomStringConvertible {
    public let code: String

    public init(_ code: String) {
        self.code = code
    }

    public var description: String { code }

    /// The first two characters.
    public var errorClass: Substring { code.prefix(2) }

    public static let notNullViolation = SQLState("23502")
    public static let foreignKeyViolation = SQLState("23503")
    public static let uniqueViolation = SQLState("23505")
    public static let checkViolation = SQLState("23514")
    public static let serializationFailure = SQLState("40001")
    public static let deadlockDetected = SQLState("40P01")
    public static let insufficientPrivilege = SQLState("42501")
    public static let invalidParameterValue = SQLState("22023")
    public static let queryCanceled = SQLState("57014")
    public static let adminShutdown = SQLState("57P01")
    public static let crashShutdown = SQLState("57P02")
    public static let readOnlyTransaction = SQLState("25006")
    public static let lockNotAvailable = SQLState("55P03")
    public static let featureNotSupported = SQLState("0A000")
    public static let invalidStatementName = SQLState("26000")
    /// Ours: the caller's session has ended.
    public static let sessionEnded = SQLState("LS001")
    /// Ours: the caller's role in the organization is no longer what the node believed.
    public static let roleChanged = SQLState("LS002")
}

extension ServerError {
    /// A transaction that PostgreSQL asks to be tried again as a whole.
    var isSerializationFailure: Bool {
        state == .serializationFailure || state == .deadlockDetected
    }

    /// A prepared statement that a migration or `discard all` made useless; nothing was executed.
    var isStalePlan: Bool {
        state == .invalidStatementName
            || (state == .featureNotSupported && message.contains("cached plan must not change result type"))
    }
}
