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

/// What libpq is given: the text with `$1…$n`, and the values beside it.
struct RenderedSQL: Sendable {
    let text: String
    let parameters: [Parameter]

    init(_ sql: SQL) {
        var text: [UInt8] = []
        text.reserveCapacity(512)
        var parameters: [Parameter] = []
        parameters.reserveCapacity(sql.parts.count / 2)
        for part in sql.parts {
            switch part {
            case .text(let literal):
                literal.withUTF8Buffer { text.append(contentsOf: $0) }
            case .value(let value):
                parameters.append(value)
                text.append(UInt8(ascii: "$"))
                text.append(contentsOf: String(parameters.count).utf8)
            }
        }
        self.text = String(decoding: text, as: UTF8.self)
        self.parameters = parameters
    }

    init(text: String, parameters: [Parameter]) {
        self.text = text
        self.parameters = parameters
    }
}
