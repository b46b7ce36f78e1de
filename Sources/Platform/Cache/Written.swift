import Codecs

/// An answer as it was written once: a verb may return it in place of the value itself, and the cache keeps it.
public struct Written<Value: Output>: Answerable, Cacheable {
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
}
