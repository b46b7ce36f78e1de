/// Gives `body` the parameters as libpq takes them: an array of C strings, null for SQL's null, valid during the call.
func withParameters<Value>(
    _ parameters: [Parameter],
    _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Value
) -> Value {
    guard !parameters.isEmpty else { return body(nil) }
    var bytes: [CChar] = []
    bytes.reserveCapacity(parameters.reduce(0) { $0 + $1.size })
    var offsets: [Int?] = []
    offsets.reserveCapacity(parameters.count)
    for parameter in parameters {
        switch parameter {
        case .null:
            offsets.append(nil)
        case .text(let text):
            offsets.append(bytes.count)
            text.withContiguousUTF8 { utf8 in
                utf8.withMemoryRebound(to: CChar.self) { bytes.append(contentsOf: $0) }
            }
            bytes.append(0)
        }
    }
    return bytes.withUnsafeBufferPointer { buffer in
        let pointers = offsets.map { offset in offset.flatMap { buffer.baseAddress?.advanced(by: $0) } }
        return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
    }
}

extension Parameter {
    /// Bytes as a C string.
    fileprivate var size: Int {
        if case .text(let text) = self { text.utf8.count + 1 } else { 0 }
    }
}

extension String {
    /// The text's UTF-8. Strings that stand in memory otherwise, which Linux does not have, are copied.
    func withContiguousUTF8<Value>(_ body: (UnsafeBufferPointer<UInt8>) -> Value) -> Value {
        utf8.withContiguousStorageIfAvailable(body) ?? Array(utf8).withUnsafeBufferPointer(body)
    }
}
