import Foundation

/// Ends the run with the sentence unless it holds: libFuzzer keeps the input that led here.
func require(_ holds: Bool, _ sentence: String) {
    if holds { return }
    FileHandle.standardError.write(Data("does not hold: \(sentence)\n".utf8))
    abort()
}

/// The input as a target reads it: a first byte that chooses, and the bytes that are tried.
struct Trial {
    let choice: UInt8
    let bytes: [UInt8]

    init(_ data: UnsafePointer<UInt8>?, _ count: Int) {
        let all = Array(UnsafeBufferPointer(start: data, count: count))
        choice = all.first ?? 0
        bytes = Array(all.dropFirst())
    }

    /// The bytes as text; what is no UTF-8 is replaced, as the HTTP layer does.
    var text: String { String(decoding: bytes, as: UTF8.self) }
}
