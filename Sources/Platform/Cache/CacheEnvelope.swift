import CZlib

/// The bytes that stand in Redis: a version, a kind, and the value, packed where that saves room.
///
/// Whoever can write to Redis can write anything: what does not open is no value, and no more is unpacked than a value
/// may hold.
enum CacheEnvelope {
    enum Content: Equatable {
        case value([UInt8])
        /// It is known that there is none.
        case absent
    }

    private static let version: UInt8 = 1
    private enum Kind: UInt8 { case plain = 0, gzip = 1, absent = 2 }

    /// Above this many bytes values are packed (the guide's 1 KiB).
    static let packedAbove = 1_024
    /// Most bytes of a value.
    static let most = 16 << 20

    static func seal(_ bytes: [UInt8]?) -> [UInt8] {
        guard let bytes else { return [version, Kind.absent.rawValue] }
        if bytes.count > packedAbove, let packed = Gzip.compress(bytes, level: 1), packed.count < bytes.count {
            return [version, Kind.gzip.rawValue] + packed
        }
        return [version, Kind.plain.rawValue] + bytes
    }

    static func open(_ envelope: [UInt8]) -> Content? {
        guard envelope.count >= 2, envelope[0] == version, let kind = Kind(rawValue: envelope[1]) else { return nil }
        let content = Array(envelope[2...])
        return switch kind {
        case .absent: content.isEmpty ? .absent : nil
        case .plain: content.count <= most ? .value(content) : nil
        case .gzip: Gzip.expand(content, most: most).map { .value($0) }
        }
    }
}

extension Gzip {
    /// The bytes that were packed; nil for what is no gzip, is cut off, or holds more than `most` bytes.
    static func expand(_ packed: [UInt8], most: Int) -> [UInt8]? {
        var stream = z_stream()
        guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            return nil
        }
        defer { inflateEnd(&stream) }
        var input = packed
        var output: [UInt8] = []
        return input.withUnsafeMutableBufferPointer { source in
            stream.next_in = source.baseAddress
            stream.avail_in = uInt(source.count)
            while true {
                let (status, part) = inflatePart(&stream)
                output += part
                guard output.count <= most else { return nil }
                switch status {
                case Z_STREAM_END: return stream.avail_in == 0 ? output : nil
                case Z_OK where !part.isEmpty: continue
                default: return nil
                }
            }
        }
    }

    private static func inflatePart(_ stream: inout z_stream) -> (status: Int32, bytes: [UInt8]) {
        let size = 65_536
        var status = Z_OK
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { target, count in
            stream.next_out = target.baseAddress
            stream.avail_out = uInt(size)
            status = inflate(&stream, Z_NO_FLUSH)
            count = size - Int(stream.avail_out)
        }
        return (status, bytes)
    }
}
