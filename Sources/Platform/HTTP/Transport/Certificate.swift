import NIOCore
import NIOSSL
import Threads

/// The files of a TLS identity.
package struct CertificateFiles: Sendable, Equatable {
    /// PEM: the certificate, then its issuers (TLS_CERTIFICATE_FILE).
    package var certificate: String
    /// PEM (TLS_KEY_FILE).
    package var key: String

    package init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }
}

/// The certificate that new connections are shown. It is replaced as a whole, so a handshake sees the old or the new one.
package final class Certificate: Sendable {
    private let files: CertificateFiles
    private let current: Locked<NIOSSLContext>
    private static let reading = BlockingPool(name: "lean-tls", threads: 1, queueLimit: 8)

    /// - Throws: `CertificateFailure` when the files cannot be read, or do not belong together.
    package init(_ files: CertificateFiles) async throws {
        self.files = files
        current = Locked(try await Self.read(files))
    }

    var context: NIOSSLContext { current.withLock { $0 } }

    /// Reads the files anew. When they are not good the old certificate stays.
    package func reload() async throws {
        let context = try await Self.read(files)
        current.withLock { $0 = context }
    }

    private static func read(_ files: CertificateFiles) async throws -> NIOSSLContext {
        do {
            return try await reading.run { try NIOSSLContext(configuration: try configuration(files)) }
        } catch let error as IOError {
            throw CertificateFailure(files: files, reason: "\(error)")
        } catch let error as NIOSSLError {
            throw CertificateFailure(files: files, reason: "\(error)")
        } catch let error as BoringSSLError {
            // Also what a key says that is another certificate's.
            throw CertificateFailure(files: files, reason: "\(error)")
        }
    }

    /// TLS 1.2 and 1.3, forward secrecy and authenticated encryption alone (Mozilla's "intermediate", without the finite-field
    /// groups).
    private static func configuration(_ files: CertificateFiles) throws -> TLSConfiguration {
        let chain = try NIOSSLCertificate.fromPEMFile(files.certificate)
        guard !chain.isEmpty else { throw CertificateFailure(files: files, reason: "the file holds no certificate") }
        let key = try NIOSSLPrivateKey(file: files.key, format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.cipherSuiteValues = [
            .TLS_AES_128_GCM_SHA256, .TLS_AES_256_GCM_SHA384, .TLS_CHACHA20_POLY1305_SHA256,
            .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
            .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        ]
        configuration.applicationProtocols = ["h2", "http/1.1"]
        configuration.renegotiationSupport = .none
        return configuration
    }
}

/// Why a certificate cannot be used. Names the files, quotes nothing of them.
package struct CertificateFailure: Error, CustomStringConvertible {
    let files: CertificateFiles
    let reason: String

    package var description: String {
        "TLS_CERTIFICATE_FILE \(files.certificate) and TLS_KEY_FILE \(files.key): \(reason)"
    }
}
