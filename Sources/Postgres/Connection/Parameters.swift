/// Parameters as libpq takes them.
struct BoundParameters {
    /// Null for SQL's null.
    let values: UnsafePointer<UnsafePointer<CChar>?>?
    /// Bytes of those that are binary. Without one, this is null.
    let lengths: UnsafePointer<Int32>?
    /// 1 for those that are binary. Without one, this is null: all are text.
    let formats: UnsafePointer<Int32>?
}

/// Gives `body` the parameters, valid during the call.
func withParameters<Value>(_ parameters: [Parameter], _ body: (BoundParameters) -> Value) -> Value {
    guard !parameters.isEmpty else { return body(BoundParameters(values: nil, lengths: nil, formats: nil)) }
    var bytes: [CChar] = []
    bytes.reserveCapacity(parameters.reduce(0) { $0 + $1.size })
    var offsets: [Int?] = []
    offsets.reserveCapacity(parameters.count)
    var lengths: [Int32] = []
    var formats: [Int32] = []
    for (index, parameter) in parameters.enumerated() {
        offsets.append(parameter == .null ? nil : bytes.count)
        if case .text(let text) = parameter {
            text.withContiguousUTF8 { utf8 in
                utf8.withMemoryRebound(to: CChar.self) { bytes.append(contentsOf: $0) }
            }
        } else if let binary = parameter.binary {
            if formats.isEmpty {
                lengths = [Int32](repeating: 0, count: parameters.count)
                formats = lengths
            }
            lengths[index] = Int32(clamping: binary.count)
            formats[index] = 1
            binary.withUnsafeBufferPointer { raw in
                raw.withMemoryRebound(to: CChar.self) { bytes.append(contentsOf: $0) }
            }
        }
        bytes.append(0)
    }
    return bytes.withUnsafeBufferPointer { buffer in
        let pointers = offsets.map { offset in offset.flatMap { buffer.baseAddress?.advanced(by: $0) } }
        return pointers.withUnsafeBufferPointer { values in
            lengths.withUnsafeBufferPointer { lengths in
                formats.withUnsafeBufferPointer { formats in
                    body(
                        BoundParameters(
                            values: values.baseAddress, lengths: lengths.isEmpty ? nil : lengths.baseAddress,
                            formats: formats.isEmpty ? nil : formats.baseAddress))
                }
            }
        }
    }
}

extension Parameter {
    /// Bytes that it takes, with the zero that ends a C string.
    fileprivate var size: Int {
        switch self {
        case .null: 1
        case .text(let text): text.utf8.count + 1
        case .bytes(let bytes): bytes.count + 1
        case .uuids(let ids): 20 * ids.count + 21
        }
    }
}

extension String {
    /// The text's UTF-8. Strings that stand in memory otherwise, which Linux does not have, are copied.
    func withContiguousUTF8<Value>(_ body: (UnsafeBufferPointer<UInt8>) -> Value) -> Value {
        utf8.withContiguousStorageIfAvailable(body) ?? Array(utf8).withUnsafeBufferPointer(body)
    }
}
