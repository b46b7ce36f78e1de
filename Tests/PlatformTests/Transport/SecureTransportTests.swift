import AsyncHTTPClient
import Features
import Foundation
import LeanSaaS
import NIOCore
import NIOHTTP1
import NIOSSL
import Platform
import TestKit
import Testing

/// TLS as a client of the network speaks it.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct SecureTransportTests {
    private struct Place {
        let files: CertificateFiles
        let url: String
    }

    private static func write(_ certificate: TestCertificate, to files: CertificateFiles) throws {
        try certificate.certificatePEM.write(toFile: files.certificate, atomically: true, encoding: .utf8)
        try certificate.keyPEM.write(toFile: files.key, atomically: true, encoding: .utf8)
    }

    /// A server that speaks TLS, until `body` returns.
    private static func serving(
        _ shown: TestCertificate, _ body: @escaping @Sendable (Place, Certificate) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let files = CertificateFiles(certificate: folder + "/certificate.pem", key: folder + "/key.pem")
        try write(shown, to: files)
        let certificate = try await Certificate(files)
        let node = try await TestNode.make()
        let server = Server(
            product: node.product, services: node.services,
            settings: Server.Settings(
                security: SecurityHeaders(
                    .strict, hsts: true, csp: true, all: true,
                    policy: ContentSecurityPolicy(apiURL: nil, cdnURL: nil)),
                cors: CORS(origins: [], allowsLocalhost: false, credentials: false, maxAgeSeconds: 0),
                forwarding: Forwarding(trusted: []),
                compression: Compression(gzip: true, brotli: true)))
        let socket = try ListeningSocket.bind(.https, host: "127.0.0.1", port: 0)
        let (running, feed) = AsyncStream<Void>.makeStream()
        let place = Place(files: files, url: "https://localhost:\(socket.port)")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run(on: [socket], certificate: certificate) { feed.yield() } }
            group.addTask {
                try await within("it listens") { for await _ in running { return } }
                try await body(place, certificate)
            }
            defer { group.cancelAll() }
            try await group.next()
        }
        socket.close()
        await node.services.database.close()
        try FileManager.default.removeItem(atPath: folder)
    }

    /// What a client gets that trusts these certificates.
    private static func get(
        _ place: Place, trusting certificates: [TestCertificate],
        _ configure: (inout TLSConfiguration, inout HTTPClient.Configuration) -> Void = { _, _ in }
    ) async throws -> HTTPClientResponse {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .certificates(
            try certificates.map { try NIOSSLCertificate(bytes: Array($0.certificatePEM.utf8), format: .pem) })
        var configuration = HTTPClient.Configuration()
        configuration.httpVersion = .automatic
        configure(&tls, &configuration)
        configuration.tlsConfiguration = tls
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let answer = try await client.execute(HTTPClientRequest(url: place.url + "/livez"), timeout: .seconds(10))
            _ = try await answer.body.collect(upTo: 65_536)
            try await client.shutdown()
            return answer
        } catch {
            try await client.shutdown()
            throw error
        }
    }

    @Test func `TLS 1.2 and 1.3 are spoken, nothing older, with HSTS on the answer`() async throws {
        let certificate = try TestCertificate("one")
        try await Self.serving(certificate) { place, _ in
            for version in [TLSVersion.tlsv12, .tlsv13] {
                let answer = try await Self.get(place, trusting: [certificate]) { tls, _ in
                    tls.minimumTLSVersion = version
                    tls.maximumTLSVersion = version
                }
                #expect(answer.status == .ok)
                #expect(
                    answer.headers["strict-transport-security"] == ["max-age=63072000; includeSubDomains; preload"])
            }
            for version in [TLSVersion.tlsv1, .tlsv11] {
                await #expect(throws: (any Error).self, "\(version)") {
                    try await Self.get(place, trusting: [certificate]) { tls, _ in
                        tls.minimumTLSVersion = .tlsv1
                        tls.maximumTLSVersion = version
                    }
                }
            }
        }
    }

    @Test func `HTTP/2 is spoken to who offers it, HTTP/1.1 to who does not`() async throws {
        let certificate = try TestCertificate("one")
        try await Self.serving(certificate) { place, _ in
            let second = try await Self.get(place, trusting: [certificate])
            #expect(second.version == .http2)
            let first = try await Self.get(place, trusting: [certificate]) { $1.httpVersion = .http1Only }
            #expect(first.version == .http1_1)
            #expect(first.status == .ok)
        }
    }

    @Test func `a certificate that is read anew is shown to new connections; a bad one is not`() async throws {
        let (old, new) = (try TestCertificate("old"), try TestCertificate("new"))
        try await Self.serving(old) { place, certificate in
            await #expect(throws: (any Error).self) { try await Self.get(place, trusting: [new]) }
            // The key is the old one's still.
            try new.certificatePEM.write(toFile: place.files.certificate, atomically: true, encoding: .utf8)
            await #expect(throws: CertificateFailure.self) { try await certificate.reload() }
            let kept = try await Self.get(place, trusting: [old])
            #expect(kept.status == .ok)
            try Self.write(new, to: place.files)
            try await certificate.reload()
            let shown = try await Self.get(place, trusting: [new])
            #expect(shown.status == .ok)
            await #expect(throws: (any Error).self) { try await Self.get(place, trusting: [old]) }
            try FileManager.default.removeItem(atPath: place.files.key)
            await #expect(throws: CertificateFailure.self) { try await certificate.reload() }
            let still = try await Self.get(place, trusting: [new])
            #expect(still.status == .ok)
        }
    }

    @Test func `what is no TLS gets no answer on that port`() async throws {
        let certificate = try TestCertificate("one")
        try await Self.serving(certificate) { place, _ in
            let port = try #require(URL(string: place.url)?.port)
            let connection = try RawConnection(port: port)
            defer { connection.close() }
            try await connection.send("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
            let said = try await connection.untilClosed()
            #expect(!said.contains("HTTP/1.1"))
        }
    }
}
