/// Gives `body` the parameters as libpq takes them: an array of C strings, null for SQL's null, valid during the call.
func withParameters<Value>(
    _ parameters: [Parameter],
    _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Value
) -> Value {
    guard !parameters.isEmpty else { return body(nil) }
    var bytes: [CChar] = []
    var offsets: [Int?] = []
    offsets.reserveCapacity(parameters.count)
    for parameter in parameters {
        switch parameter {
        case .null:
            offsets.append(nil)
        case .text(let text):
            offsets.append(bytes.count)
            for byte in text.utf8 { bytes.append(CChar(bitPattern: byte)) }
            bytes.append(0)
        }
    }
    return bytes.withUnsafeBufferPointer { buffer in
        let pointers = offsets.map { offset in offset.flatMap { buffer.baseAddress?.advanced(by: $0) } }
        return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
    }
}
