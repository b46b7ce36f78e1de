import Codecs
import Crypto
import CZlib

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The bytes that stand in Redis: a version, a kind, a seal, and the value, packed where that saves room.
///
/// Whoever can write to Redis can write anything, and could put one person's value where another's is read. The seal is
/// made with a key that only the nodes have, of the bytes and of the name that they stand under: what they did not write
/// there is no value, and is not even unpacked.
struct CacheEnvelope: Sendable {
    enum Content: Equatable {
        case value([UInt8])
        /// It is known that there is none.
        case absent
    }

    private static let version: UInt8 = 2
    private enum Kind: UInt8 { case plain = 0, gzip = 1, absent = 2 }

    /// Above this many bytes values are packed (the guide's 1 KiB).
    static let packedAbove = 1_024
    /// Most bytes of a value.
    static let most = 16 << 20
    /// Bytes of an HMAC-SHA256 that are kept (RFC 2104, 5: no less than half of them).
    private static let sealLength = 16
    /// What stands before the value.
    static let headLength = 2 + sealLength

    private let key: SymmetricKey

    /// - Parameter secret: JWT_SECRET, which all nodes share.
    init(_ secret: Secret) {
        key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: Array(secret.reveal().utf8)),
            info: Array("lean-saas cache".utf8), outputByteCount: 32)
    }

    /// - Parameter name: what the bytes will stand under.
    func seal(_ bytes: [UInt8]?, as name: String) -> [UInt8] {
        guard let bytes else { return sealed(.absent, [], name) }
        if bytes.count > Self.packedAbove, let packed = Gzip.compress(bytes, level: 1), packed.count < bytes.count {
            return sealed(.gzip, packed, name)
        }
        return sealed(.plain, bytes, name)
    }

    /// Nil for what no node sealed under that name.
    func open(_ envelope: [UInt8], as name: String) -> Content? {
        guard envelope.count >= Self.headLength, envelope[0] == Self.version, let kind = Kind(rawValue: envelope[1])
        else { return nil }
        let content = Array(envelope[Self.headLength...])
        let seal = envelope[2..<Self.headLength]
        guard ConstantTime.equal(seal, code(kind, content, name)) else { return nil }
        return switch kind {
        case .absent: content.isEmpty ? .absent : nil
        case .plain: content.count <= Self.most ? .value(content) : nil
        case .gzip: Gzip.expand(content, most: Self.most).map { .value($0) }
        }
    }

    private func sealed(_ kind: Kind, _ content: [UInt8], _ name: String) -> [UInt8] {
        [Self.version, kind.rawValue] + code(kind, content, name) + content
    }

    /// Names hold no zero byte, so that none of what is sealed can be read as part of its neighbour.
    private func code(_ kind: Kind, _ content: [UInt8], _ name: String) -> [UInt8] {
        var code = HMAC<SHA256>(key: key)
        code.update(data: Array(name.utf8) + [0, Self.version, kind.rawValue])
        code.update(data: content)
        return Array(code.finalize().prefix(Self.sealLength))
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
