import CZlib

/// gzip (RFC 1952), by zlib.
enum Gzip {
    /// - Parameter level: 1 (fast) to 9 (small).
    /// - Returns: nil when zlib has no memory.
    static func compress(_ bytes: [UInt8], level: Int32) -> [UInt8]? {
        var stream = z_stream()
        // 15: the largest window; 16 asks for gzip's frame rather than zlib's.
        let opened = deflateInit2_(
            &stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard opened == Z_OK else { return nil }
        defer { deflateEnd(&stream) }
        let bound = Int(deflateBound(&stream, uLong(bytes.count)))
        var input = bytes
        return input.withUnsafeMutableBufferPointer { source in
            var isWhole = false
            let output = [UInt8](unsafeUninitializedCapacity: bound) { target, count in
                stream.next_in = source.baseAddress
                stream.avail_in = uInt(source.count)
                stream.next_out = target.baseAddress
                stream.avail_out = uInt(bound)
                isWhole = deflate(&stream, Z_FINISH) == Z_STREAM_END
                count = isWhole ? bound - Int(stream.avail_out) : 0
            }
            return isWhole ? output : nil
        }
    }
}
