import Crypto
import Foundation

/// A certificate for localhost that signs itself: X.509 (RFC 5280) by ECDSA on P-256, in as little DER (X.690) as it takes.
package struct TestCertificate: Sendable {
    package let certificatePEM: String
    package let keyPEM: String

    /// - Parameter name: its common name, by which tests tell one from another.
    package init(_ name: String) throws {
        let key = P256.Signing.PrivateKey()
        let algorithm = DER.sequence(DER.object([0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02]))
        let subject = DER.sequence(
            DER.set(DER.sequence(DER.object([0x55, 0x04, 0x03]), DER.value(0x0C, Array(name.utf8)))))
        let life = DER.sequence(
            DER.value(0x17, Array("200101000000Z".utf8)), DER.value(0x17, Array("491231235959Z".utf8)))
        // Of its own to each: OpenSSL and BoringSSL tell certificates of one issuer apart by it.
        let serial = DER.value(0x02, [1] + (0..<8).map { _ in UInt8.random(in: 0...255) })
        let statement = DER.sequence(
            DER.value(0xA0, DER.value(0x02, [2])), serial, algorithm, subject, life, subject,
            Array(key.publicKey.derRepresentation), DER.value(0xA3, Self.extensions))
        let signature = Array(try key.signature(for: statement).derRepresentation)
        let whole = DER.sequence(statement, algorithm, DER.value(0x03, [0] + signature))
        certificatePEM = Self.pem("CERTIFICATE", whole)
        keyPEM = key.pemRepresentation + "\n"
    }

    /// It may stand for localhost, and is an authority, so that a client can trust it.
    private static var extensions: [UInt8] {
        let names = DER.sequence(DER.value(0x82, Array("localhost".utf8)), DER.value(0x87, [127, 0, 0, 1]))
        return DER.sequence(
            DER.sequence(DER.object([0x55, 0x1D, 0x11]), DER.value(0x04, names)),
            DER.sequence(
                DER.object([0x55, 0x1D, 0x13]), DER.value(0x01, [0xFF]),
                DER.value(0x04, DER.sequence(DER.value(0x01, [0xFF])))))
    }

    /// Writes `cert.pem` and `key.pem` into the directory.
    package static func write(to directory: String) throws {
        let certificate = try TestCertificate("localhost")
        try certificate.certificatePEM.write(toFile: "\(directory)/cert.pem", atomically: true, encoding: .utf8)
        try certificate.keyPEM.write(toFile: "\(directory)/key.pem", atomically: true, encoding: .utf8)
    }

    private static func pem(_ label: String, _ bytes: [UInt8]) -> String {
        let text = Data(bytes).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
        return "-----BEGIN \(label)-----\n\(text)\n-----END \(label)-----\n"
    }
}

/// The Distinguished Encoding Rules: a tag, a length, and what it holds.
private enum DER {
    static func value(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        let length: [UInt8] =
            switch content.count {
            case ..<0x80: [UInt8(content.count)]
            case ..<0x100: [0x81, UInt8(content.count)]
            default: [0x82, UInt8(content.count >> 8), UInt8(content.count & 0xFF)]
            }
        return [tag] + length + content
    }

    static func sequence(_ parts: [UInt8]...) -> [UInt8] { value(0x30, Array(parts.joined())) }
    static func set(_ part: [UInt8]) -> [UInt8] { value(0x31, part) }
    static func object(_ identifier: [UInt8]) -> [UInt8] { value(0x06, identifier) }
}
