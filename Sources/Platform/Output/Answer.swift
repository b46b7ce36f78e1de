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
    /// What the docs say of it. Nil: the route says so itself, with `answers`.
    static var success: Success? { get }
}

/// The answer of a route when all goes well, for OpenAPI and its readers.
public struct Success: Sendable {
    public let status: Int
    /// Nil when there is no body.
    public let media: String?
    /// Of a JSON body.
    public let type: MemberType?
    /// What the docs show of a body that is no JSON.
    public let example: String?
    /// Whether clients may keep it and ask whether it still holds: then 304 is an answer too.
    public let isKept: Bool
    /// Headers of this answer alone, each with a sentence.
    public private(set) var headers: [(name: HTTPField.Name, doc: String)] = []

    /// JSON of a type.
    public static func json(_ type: MemberType, status: Int = 200, kept: Bool = false) -> Success {
        Success(status: status, media: "application/json", type: type, example: nil, isKept: kept)
    }

    /// Text of a media type, of which `example` is one.
    public static func text(_ media: String, example: String, kept: Bool = false) -> Success {
        Success(status: 200, media: media, type: nil, example: example, isKept: kept)
    }

    /// 303 to another address, which no client may keep.
    public static let elsewhere = Success(status: 303, media: nil, type: nil, example: nil, isKept: false)
        .with(.location, "Where to go on.")

    static let nothing = Success(status: 204, media: nil, type: nil, example: nil, isKept: false)

    /// The same answer, which always carries this header too.
    public func with(_ name: HTTPField.Name, _ doc: String) -> Success {
        var success = self
        success.headers.append((name, doc))
        return success
    }
}

extension Answer: Answerable {
    public var answer: Answer { self }
    public static var success: Success? { nil }
}

extension Output {
    public var answer: Answer { Answer(self) }
    public static var success: Success? { .json(memberType) }
}

/// A value that answers with 201.
public struct Created<Value: JSONWritable>: Answerable {
    let value: Value

    public init(_ value: Value) {
        self.value = value
    }

    public var answer: Answer { Answer(status: 201, value) }
    public static var success: Success? { .json(Value.memberType, status: 201) }
}

/// 204: done, and there is nothing to say.
public struct NoContent: Answerable {
    public init() {}
    public var answer: Answer { Answer(status: 204) }
    public static var success: Success? { .nothing }
}
