import Codecs

/// How a request becomes a value: its fields with their bounds, and what is made of them.
///
/// One explicit value both decodes and describes: all field errors are collected, and OpenAPI is written from the same
/// list. A field that it does not name is ignored, so nothing can be assigned that was not meant to be.
public struct Input<Value: Sendable>: Sendable {
    public struct Entry: Sendable {
        public let name: String
        public let schema: FieldSchema
    }

    public let entries: [Entry]
    /// What is taken byte for byte, in place of fields of the body.
    public let raw: RawBody?
    private let make: @Sendable (InputSource, inout [FieldProblem]) -> Value?

    public init<each F: Sendable>(
        _ field: repeat Field<each F>,
        make: @escaping @Sendable (repeat each F) -> Value
    ) {
        var entries: [Entry] = []
        for field in repeat each field { entries.append(Entry(name: field.name, schema: field.schema)) }
        self.entries = entries
        raw = nil
        let fields = (repeat each field)
        self.make = { source, problems in
            let values = (repeat read(each fields, source, &problems))
            do {
                return make(repeat try present(each values))
            } catch {
                // The field that is missing has said so among the problems.
                return nil
            }
        }
    }

    /// The body as it came.
    public init(_ raw: RawBody, make: @escaping @Sendable ([UInt8]) -> Value) {
        entries = []
        self.raw = raw
        self.make = { source, _ in make(source.raw) }
    }

    /// - Throws: `Problem(.invalidInput)` that names every wrong field.
    func value(from source: InputSource) throws(Problem) -> Value {
        var problems: [FieldProblem] = []
        guard let value = make(source, &problems) else { throw Problem(.invalidInput, fields: problems) }
        return value
    }
}

private func read<Value>(_ field: Field<Value>, _ source: InputSource, _ problems: inout [FieldProblem]) -> Value? {
    let elsewhere = field.schema.isAlsoInQuery ? source.query[field.name] : nil
    switch field.read(source[field.name, field.schema.place] ?? elsewhere) {
    case .value(let value):
        return value
    case .wrong(let message):
        problems.append(FieldProblem(field.name, message))
        return nil
    case .wrongMembers(let found):
        problems += found.map { FieldProblem("\(field.name).\($0.field)", $0.message) }
        return nil
    }
}

private struct Missing: Error {}

private func present<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw Missing() }
    return value
}

/// The places a field can stand in.
struct InputSource: Sendable {
    var path: JSONObject = [:]
    let body: JSONObject
    let query: JSONObject
    let usual: FieldPlace
    /// The whole body, of an input that takes it so.
    var raw: [UInt8] = []

    subscript(name: String, place: FieldPlace?) -> JSON? {
        switch place ?? usual {
        case .path: path[name]
        case .body: body[name]
        case .query: query[name]
        }
    }
}

/// A body that is read as it was sent, of any type, since a signature over it is checked before a byte of it is believed.
public struct RawBody: Sendable {
    /// Most bytes of it, where the edge allows as many.
    public let mostBytes: Int
    /// What the docs show: of what it usually holds.
    public let example: JSON
    public let doc: String

    public init(mostBytes: Int, example: JSON, _ doc: String) {
        self.mostBytes = mostBytes
        self.example = example
        self.doc = doc
    }
}

/// A verb's input type: it says itself how it is read.
public protocol RequestInput: Sendable {
    static var input: Input<Self> { get }
}

/// A verb that reads nothing from the request.
public struct NoInput: RequestInput {
    public static let input = Input<NoInput>(make: { NoInput() })
}
