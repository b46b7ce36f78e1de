import Foundation
import Platform
import Providers
import TestKit
import Testing

@Suite(.timeLimit(.minutes(10)))
struct EncryptionTests {
    @Test func aConnectionIsEncryptedAndItsServerKnown() async throws {
        try await running { redis, port, authorities in
            try await redis.client({ $0.encrypt("localhost", port, authorities) }) { client in
                try await client.set("a", to: [1], expiringAfter: .seconds(60))
                let value = try await client.get("a")
                #expect(value == [1])
            }
            try await redis.client({ $0.encrypt("127.0.0.1", port, authorities) }) { client in
                try await client.ping(within: .seconds(5))
            }
        }
    }

    @Test func whomNobodyVouchesForIsToldNothing() async throws {
        try await running { redis, port, _ in
            let change: (inout RedisOptions) -> Void = {
                $0.encrypt("localhost", port, nil)
                $0.login = .init(user: "ann", password: Secret("sesame"))
            }
            try await redis.client(change) { client in
                let refused = await failure { try await client.ping(within: .seconds(30)) }
                #expect(refused == .unreachable)
                guard case .connect = client.figures.first?.1.fault else {
                    return #expect(client.figures.first?.1.fault == nil, "TLS is refused")
                }
            }
        }
    }

    @Test func aServerWithoutTLSIsNotSpokenToInTheClear() async throws {
        try await TestRedis.running { redis in
            try await redis.client({ $0.encrypt("127.0.0.1", redis.port, nil) }) { client in
                let refused = await failure { try await client.ping(within: .seconds(30)) }
                #expect(refused == .unreachable)
            }
        }
    }

    private func running(_ body: (TestRedis, Int, String) async throws -> Void) async throws {
        let directory = NSTemporaryDirectory() + "lean-redis-tls-" + UUID().uuidString.prefix(8).lowercased()
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try TestCertificate.write(to: directory)
        let port = try await FreeListener.port()
        let lines = [
            "tls-port \(port)", "tls-cert-file \(directory)/cert.pem", "tls-key-file \(directory)/key.pem",
            "tls-ca-cert-file \(directory)/cert.pem", "tls-auth-clients no",
        ]
        try await TestRedis.running(lines) { redis in try await body(redis, port, "\(directory)/cert.pem") }
    }
}

extension RedisOptions {
    fileprivate mutating func encrypt(_ host: String, _ port: Int, _ authorities: String?) {
        place = .server(.host(host, port: port))
        tls = TLS(authorities: authorities)
    }
}
