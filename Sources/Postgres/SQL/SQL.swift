/// A statement whose interpolations are bound as parameters, never spliced into its text.
///
/// Only literals become text: `SQL` is made from `StaticString`, so a `String` that was put together at run time does not
/// compile as SQL. One `SQL` may stand inside another, its parameters come along.
///
///     try await database.all("select id, title from notes where author_id = \(author)", Note.init)
public struct SQL: Sendable, ExpressibleByStringInterpolation {
    enum Part: Sendable {
        case text(StaticString)
        case value(Parameter)
        /// No text: what is to be done once the statement's transaction has committed.
        case afterCommit(@Sendable () -> Void)
    }

    var parts: [Part]

    public init(stringLiteral value: StaticString) {
        parts = [.text(value)]
    }

    public init(stringInterpolation: Interpolation) {
        parts = stringInterpolation.parts
    }

    /// Nothing at all, to begin a statement that is put together from pieces.
    public static let empty: SQL = ""

    public static func + (left: SQL, right: SQL) -> SQL {
        var sum = left
        sum.parts += right.parts
        return sum
    }

    /// The same statement; `action` runs once its transaction has committed, and not when it is rolled back. It must neither
    /// wait nor fail.
    public func afterCommit(_ action: @escaping @Sendable () -> Void) -> SQL {
        var statement = self
        statement.parts.append(.afterCommit(action))
        return statement
    }

    public struct Interpolation: StringInterpolationProtocol {
        var parts: [Part] = []

        public init(literalCapacity: Int, interpolationCount: Int) {
            parts.reserveCapacity(interpolationCount * 2 + 1)
        }

        public mutating func appendLiteral(_ literal: StaticString) {
            parts.append(.text(literal))
        }

        public mutating func appendInterpolation(_ value: some SQLEncodable) {
            parts.append(.value(value.sqlParameter))
        }

        public mutating func appendInterpolation(_ value: (some SQLEncodable)?) {
            parts.append(.value(value?.sqlParameter ?? .null))
        }

        public mutating func appendInterpolation(_ fragment: SQL) {
            parts += fragment.parts
        }
    }
}

/// A statement as it is sent: the text with `$1…$n`, and the values beside it.
struct RenderedSQL: Sendable {
    let shape: Shape
    let parameters: [Parameter]
    /// What is to be done once the transaction has committed.
    let afterCommit: [@Sendable () -> Void]

    init(_ sql: SQL) {
        var afterCommit: [@Sendable () -> Void] = []
        var pieces: [Shape.Piece] = []
        pieces.reserveCapacity(sql.parts.count)
        var parameters: [Parameter] = []
        parameters.reserveCapacity(sql.parts.count / 2)
        for part in sql.parts {
            switch part {
            case .text(let literal):
                pieces.append(.literal(literal))
            case .value(let value):
                parameters.append(value)
                pieces.append(.parameter)
            case .afterCommit(let action):
                afterCommit.append(action)
            }
        }
        shape = Shape(pieces: pieces)
        self.parameters = parameters
        self.afterCommit = afterCommit
    }

    /// A statement without values that was put together at run time, of names that were checked.
    init(text: String) {
        shape = Shape(pieces: [.text(text)])
        parameters = []
        afterCommit = []
    }

    /// The text itself, which is made when it is asked for: a statement that is prepared already goes by its shape.
    var text: String { shape.text }
}

extension RenderedSQL {
    /// A statement without its values. Literals are told apart by where they stand in the program, so that comparing and
    /// hashing look at a few addresses rather than at the text; two literals of the same text are two shapes.
    struct Shape: Hashable, Sendable {
        let pieces: [Piece]

        enum Piece: Sendable {
            case literal(StaticString)
            case text(String)
            case parameter
        }

        var text: String {
            var text: [UInt8] = []
            text.reserveCapacity(512)
            var parameters = 0
            for piece in pieces {
                switch piece {
                case .literal(let literal):
                    literal.withUTF8Buffer { text.append(contentsOf: $0) }
                case .text(let written):
                    text.append(contentsOf: written.utf8)
                case .parameter:
                    parameters += 1
                    text.append(UInt8(ascii: "$"))
                    text.append(contentsOf: String(parameters).utf8)
                }
            }
            return String(decoding: text, as: UTF8.self)
        }
    }
}

extension RenderedSQL.Shape.Piece: Hashable {
    /// Where a literal stands and its length; one of a single scalar may be that scalar itself.
    private static func identity(_ literal: StaticString) -> (place: UInt, length: Int) {
        guard literal.hasPointerRepresentation else { return (UInt(literal.unicodeScalar.value), -1) }
        return (UInt(bitPattern: literal.utf8Start), literal.utf8CodeUnitCount)
    }

    static func == (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.literal(let left), .literal(let right)): identity(left) == identity(right)
        case (.text(let left), .text(let right)): left == right
        case (.parameter, .parameter): true
        default: false
        }
    }

    func hash(into hasher: inout Hasher) {
        switch self {
        case .literal(let literal): hasher.combine(Self.identity(literal).place)
        case .text(let text): hasher.combine(text)
        case .parameter: hasher.combine(0)
        }
    }
}
