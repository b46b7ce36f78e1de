import Codecs

/// An answer as it was written once: a verb may return it in place of the value itself, and the cache keeps it.
///
/// It may also be a member of another answer.
public struct Written<Value: Output>: Answerable, Cacheable, JSONWritable {
    public let cacheBytes: [UInt8]

    public init(_ value: Value) {
        cacheBytes = JSONWriter.bytes(of: value)
    }

    public init?(cacheBytes: [UInt8]) {
        self.cacheBytes = cacheBytes
    }

    public static var cacheForm: String { Value.shape.form.text }

    public var answer: Answer { Answer(status: 200, body: .json(cacheBytes)) }
    public static var success: Success? { Value.success }

    public static var memberType: MemberType { Value.memberType }
    public func write(to writer: inout JSONWriter) { writer.raw(cacheBytes) }
}
