import Codecs

/// One field of an input: where it stands, its type and bounds, how it is read, and what a reader of the docs is told.
public struct Field<Value: Sendable>: Sendable {
    public let name: String
    public private(set) var schema: FieldSchema
    let read: @Sendable (JSON?) -> Reading<Value>

    init(_ name: String, _ schema: FieldSchema, _ read: @escaping @Sendable (JSON?) -> Reading<Value>) {
        self.name = name
        self.schema = schema
        self.read = read
    }

    /// The same field, with a value that shows in the docs what is meant.
    public func example(_ value: JSON) -> Field {
        var field = self
        field.schema.example = value
        return field
    }

    /// The same field, which the docs' example leaves out: what is not offered, or belongs to another use of the route.
    public var withoutExample: Field {
        precondition(!schema.isRequired, "an example without \(name) would be refused")
        var field = self
        field.schema.isShown = false
        return field
    }

    /// The same field, which refuses with the sentence what `isRight` does not hold for.
    public func must(_ sentence: String, _ isRight: @escaping @Sendable (Value) -> Bool) -> Field {
        Field(name, schema) { [read] json in
            let reading = read(json)
            if case .value(let value) = reading, !isRight(value) { return .wrong("must " + sentence) }
            return reading
        }
    }

    /// The same field, taken from the query string also where the method has a body.
    public var inQuery: Field { at(.query) }

    /// The same field, taken from the query string where the body has none: clients differ in where they send it.
    public var alsoInQuery: Field {
        var field = self
        field.schema.isAlsoInQuery = true
        return field
    }

    /// The same field, taken from the body also where the method usually has none: DELETE.
    public var inBody: Field { at(.body) }

    /// The same field, taken from the segment of the path that stands in braces under its name: `/users/{id}`. The segment
    /// counts as it was sent: `%41` is no `A`.
    public var inPath: Field {
        precondition(schema.isRequired, "a path without its segment is another path")
        return at(.path)
    }

    private func at(_ place: FieldPlace) -> Field {
        var field = self
        field.schema.place = place
        return field
    }
}

/// Where a field stands in the request.
public enum FieldPlace: String, Sendable {
    case path, query, body
}

/// A field's value, or the sentence that says what is wrong with it.
enum Reading<Value: Sendable>: Sendable {
    case value(Value)
    case wrong(String)
    /// What is wrong with members of an object.
    case wrongMembers([FieldProblem])

    func map<Other>(_ change: (Value) -> Other) -> Reading<Other> {
        switch self {
        case .value(let value): .value(change(value))
        case .wrong(let message): .wrong(message)
        case .wrongMembers(let problems): .wrongMembers(problems)
        }
    }
}

/// What OpenAPI says of a field.
public struct FieldSchema: Sendable {
    public var type: String
    public var format: String?
    public var minimum: Int?
    public var maximum: Int?
    public var choices: [String] = []
    /// Of an object whose members are named.
    public var members: [FieldMember] = []
    public var isRequired = true
    /// What counts when it is left out.
    public var fallback: JSON?
    public var example: JSON?
    /// Whether the docs' example of the route has it.
    public var isShown = true
    /// Nil: in the body where the method has one, else in the query.
    public var place: FieldPlace?
    public var isAlsoInQuery = false
    public var doc: String
}

extension Field where Value == String {
    /// Text of so many characters, U+0000 refused.
    public static func text(_ name: String, _ length: ClosedRange<Int>, _ doc: String) -> Field {
        let schema = FieldSchema(type: "string", minimum: length.lowerBound, maximum: length.upperBound, doc: doc)
        return Field(name, schema) { json in
            guard let json, json != .null else { return .wrong("is required") }
            return Self.checked(json, length)
        }
    }

    /// Text that may be left out.
    public static func text(_ name: String, _ length: ClosedRange<Int>, default value: String, _ doc: String) -> Field {
        var schema = FieldSchema(type: "string", minimum: length.lowerBound, maximum: length.upperBound, doc: doc)
        schema.isRequired = false
        schema.fallback = .string(value)
        return Field(name, schema) { json in
            guard let json, json != .null else { return .value(value) }
            return Self.checked(json, length)
        }
    }

    fileprivate static func checked(_ json: JSON, _ length: ClosedRange<Int>) -> Reading<String> {
        guard let text = json.string else { return .wrong("must be text") }
        // Bytes first: counting the characters of a megabyte is work that nobody asked for.
        guard text.utf8.count <= length.upperBound * 4, length.contains(text.unicodeScalars.count) else {
            return .wrong("must have \(length.lowerBound) to \(length.upperBound) characters")
        }
        guard !text.utf8.contains(0) else { return .wrong("must not contain the character U+0000") }
        return .value(text)
    }
}

extension Field where Value == String {
    /// One of a few words.
    public static func choice(_ name: String, _ choices: [String], _ doc: String) -> Field {
        var schema = FieldSchema(type: "string", doc: doc)
        schema.choices = choices
        return Field(name, schema) { json in
            guard let json, json != .null else { return .wrong("is required") }
            guard let text = json.string, choices.contains(text) else {
                return .wrong("must be one of \(choices.joined(separator: ", "))")
            }
            return .value(text)
        }
    }
}

extension Field where Value == String? {
    /// Text, or nil when it is left out or null.
    public static func optionalText(_ name: String, _ length: ClosedRange<Int>, _ doc: String) -> Field {
        var schema = FieldSchema(type: "string", minimum: length.lowerBound, maximum: length.upperBound, doc: doc)
        schema.isRequired = false
        return Field(name, schema) { json in
            guard let json, json != .null else { return .value(nil) }
            return Field<String>.checked(json, length).map { $0 }
        }
    }

    /// Text of at most so many characters, or nil when it is left out, null or empty: some clients send every field of their form.
    public static func optionalText(_ name: String, upTo most: Int, _ doc: String) -> Field {
        var schema = FieldSchema(type: "string", minimum: 0, maximum: most, doc: doc)
        schema.isRequired = false
        return Field(name, schema) { json in
            guard let json, json != .null, json != "" else { return .value(nil) }
            return Field<String>.checked(json, 0...most).map { $0 }
        }
    }

    /// One of a few words, or nil when it is left out or null.
    public static func optionalChoice(_ name: String, _ choices: [String], _ doc: String) -> Field {
        var schema = FieldSchema(type: "string", doc: doc)
        schema.choices = choices
        schema.isRequired = false
        return Field(name, schema) { json in
            guard let json, json != .null else { return .value(nil) }
            guard let text = json.string, choices.contains(text) else {
                return .wrong("must be one of \(choices.filter { !$0.isEmpty }.joined(separator: ", "))")
            }
            return .value(text)
        }
    }
}

extension Field where Value == Int {
    /// A whole number within bounds. In a query string its digits are read, and nothing behind `=` is nothing said.
    public static func int(_ name: String, _ range: ClosedRange<Int>, default value: Int? = nil, _ doc: String) -> Field
    {
        var schema = FieldSchema(type: "integer", minimum: range.lowerBound, maximum: range.upperBound, doc: doc)
        schema.isRequired = value == nil
        schema.fallback = value.map { JSON($0) }
        return Field(name, schema) { json in
            guard let json, json != .null, json != "" else { return value.map { .value($0) } ?? .wrong("is required") }
            guard let number = json.int ?? json.string.flatMap({ Int($0) }), range.contains(number) else {
                return .wrong("must be a whole number from \(range.lowerBound) to \(range.upperBound)")
            }
            return .value(number)
        }
    }
}

extension Field where Value == Bool {
    /// true or false.
    public static func flag(_ name: String, default value: Bool, _ doc: String) -> Field {
        var schema = FieldSchema(type: "boolean", doc: doc)
        schema.isRequired = false
        schema.fallback = .bool(value)
        return Field(name, schema) { json in
            switch json {
            case nil, .some(.null): .value(value)
            case .some(.bool(let flag)): .value(flag)
            case .some(.string("true")): .value(true)
            case .some(.string("false")): .value(false)
            default: .wrong("must be true or false")
            }
        }
    }
}

extension Field where Value == Bool? {
    /// true or false, or nil when it is left out or null.
    public static func optionalFlag(_ name: String, _ doc: String) -> Field {
        var schema = FieldSchema(type: "boolean", doc: doc)
        schema.isRequired = false
        return Field(name, schema) { json in
            switch json {
            case nil, .some(.null): .value(nil)
            case .some(.bool(let flag)): .value(flag)
            default: .wrong("must be true or false")
            }
        }
    }
}

extension Field {
    /// An identifier.
    public static func id<Owner>(_ name: String, _ doc: String) -> Field where Value == ID<Owner> {
        Field(name, FieldSchema(type: "string", format: "uuid", doc: doc)) { json in
            guard let json, json != .null else { return .wrong("is required") }
            guard let id = json.string.flatMap({ ID<Owner>($0) }) else { return .wrong("must be a UUID") }
            return .value(id)
        }
    }
}

extension Field where Value == JSONObject? {
    /// An object of the caller's own, of at most so many bytes.
    public static func object(_ name: String, maxBytes: Int, _ doc: String) -> Field {
        var schema = FieldSchema(type: "object", maximum: maxBytes, doc: doc)
        schema.isRequired = false
        return Field(name, schema) { json in
            guard let json, json != .null else { return .value(nil) }
            guard let object = json.object else { return .wrong("must be an object") }
            guard let digits = json.writtenOutDigits else { return .wrong("must not contain numbers beyond 1e308") }
            guard json.encoded().count + digits <= maxBytes else {
                return .wrong("must have at most \(maxBytes) bytes, with its numbers written out")
            }
            guard !json.containsNul else { return .wrong("must not contain the character U+0000") }
            return .value(object)
        }
    }
}

extension JSON {
    /// How many digits PostgreSQL's jsonb adds to numbers with an exponent, which it writes out: of a few bytes it would make a
    /// hundred thousand. Nil: a number is none that clients can read.
    fileprivate var writtenOutDigits: Int? {
        switch self {
        case .null, .bool, .string: return 0
        case .number(let text):
            guard let value = Double(text), value.isFinite else { return nil }
            guard let sign = text.lastIndex(where: { $0 == "e" || $0 == "E" }) else { return 0 }
            // 1e-308 is the least that differs from nothing, but for what is below a double's precision.
            guard let exponent = Int(text[text.index(after: sign)...]), abs(exponent) <= 400 else { return nil }
            return abs(exponent)
        case .array(let items): return Self.sum(items)
        case .object(let object): return Self.sum(object.map(\.value))
        }
    }

    private static func sum(_ values: [JSON]) -> Int? {
        var sum = 0
        for value in values {
            guard let digits = value.writtenOutDigits else { return nil }
            sum += digits
        }
        return sum
    }

    /// PostgreSQL's jsonb cannot hold U+0000.
    var containsNul: Bool {
        switch self {
        case .string(let text): text.utf8.contains(0)
        case .array(let items): items.contains(where: \.containsNul)
        case .object(let object): object.contains { $0.key.utf8.contains(0) || $0.value.containsNul }
        case .null, .bool, .number: false
        }
    }
}
