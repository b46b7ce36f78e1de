import CBrotli

/// Brotli (RFC 7932), by Google's encoder.
enum Brotli {
    /// - Parameter quality: 0 (fast) to 11 (small).
    /// - Returns: nil when the encoder has no memory.
    static func compress(_ bytes: [UInt8], quality: Int32) -> [UInt8]? {
        let bound = BrotliEncoderMaxCompressedSize(bytes.count)
        guard bound > 0 else { return nil }
        var isWhole = false
        let output = [UInt8](unsafeUninitializedCapacity: bound) { target, count in
            count = bound
            isWhole =
                BrotliEncoderCompress(
                    quality, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT, bytes.count, bytes, &count, target.baseAddress)
                == BROTLI_TRUE
            if !isWhole { count = 0 }
        }
        return isWhole ? output : nil
    }
}
