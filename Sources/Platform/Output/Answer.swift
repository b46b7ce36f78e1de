import Codecs
import HTTPTypes

/// What goes back to the client, before the headers that every answer has.
public struct Answer: Sendable {
    public enum Body: Sendable {
        case none
        case json([UInt8])
        case text([UInt8], type: String)
    }

    public var status: Int
    public var headers: [(HTTPField.Name, String)]
    public var body: Body
    /// What stands between the quotes of `ETag`, when clients may keep the answer and ask whether it still holds: the edge
    /// then answers 304 to who has it already (RFC 9110, 13.1.2).
    public var entityTag: String?

    public init(status: Int, headers: [(HTTPField.Name, String)] = [], body: Body = .none) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The value as JSON.
    public init(status: Int = 200, headers: [(HTTPField.Name, String)] = [], _ value: some JSONWritable) {
        self.init(status: status, headers: headers, body: .json(JSONWriter.bytes(of: value)))
    }

    /// Plain text.
    public static func text(_ text: String, status: Int = 200, type: String = "text/plain; charset=utf-8") -> Answer {
        Answer(status: status, body: .text(Array(text.utf8), type: type))
    }
}

/// What a verb may return.
public protocol Answerable: Sendable {
    var answer: Answer { get }
    /// For OpenAPI; nil when the answer has no JSON body.
    static var answerType: MemberType? { get }
}

extension Answer: Answerable {
    public var answer: Answer { self }
    public static var answerType: MemberType? { nil }
}

extension Output {
    public var answer: Answer { Answer(self) }
    public static var answerType: MemberType? { memberType }
}

/// A value that answers with 201.
public struct Created<Value: JSONWritable>: Answerable {
    let value: Value

    public init(_ value: Value) {
        self.value = value
    }

    public var answer: Answer { Answer(status: 201, value) }
    public static var answerType: MemberType? { Value.memberType }
}

/// 204: done, and there is nothing to say.
public struct NoContent: Answerable {
    public init() {}
    public var answer: Answer { Answer(status: 204) }
    public static var answerType: MemberType? { nil }
}
