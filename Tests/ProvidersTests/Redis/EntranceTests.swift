import Codecs
import Platform
import Providers
import TestKit
import Testing

/// How a connection is entered: users, databases, what is refused.
@Suite(.timeLimit(.minutes(10)))
struct EntranceTests {
    @Test func aUserOfTheAccessListsDoesWhatItMay() async throws {
        let lines = [
            "user default off", "user ann on >sesame ~saas:* &saas:* +@all -flushall", "user bob on >b ~* +ping +hello",
        ]
        try await TestRedis.running(lines) { redis in
            try await redis.client({ $0.login = .init(user: "ann", password: Secret("sesame")) }) { client in
                try await client.set("a", to: [1], expiringAfter: .seconds(9))
                let refused = await failure {
                    try await client.send(["flushall"], key: nil, within: nil, isRepeatable: false)
                }
                guard case .refused(let error) = refused else { return #expect(refused == nil, "refused") }
                #expect(error.code == "NOPERM")
                let name = try await client.send(["client", "getname"], key: nil, within: nil, isRepeatable: true)
                #expect(name.text == "leansaas")
            }
        }
    }

    @Test(arguments: [RedisOptions.Login(user: nil, password: Secret("wrong")), nil])
    func whoIsNotLetInIsToldByTheServersWord(login: RedisOptions.Login?) async throws {
        try await TestRedis.running(["requirepass sesame"]) { redis in
            try await redis.client({ $0.login = login }) { client in
                let refused = await failure { try await client.get("a") }
                #expect(refused == .unreachable)
                #expect(client.figures.first?.1.fault == .refused(login == nil ? "NOAUTH" : "WRONGPASS"))
            }
        }
    }

    @Test func databasesAreApart() async throws {
        try await TestRedis.running { redis in
            try await redis.client({ $0.database = 3 }) { third in
                try await third.set("a", to: [3], expiringAfter: .seconds(60))
                try await redis.client { first in
                    let value = try await first.get("a")
                    #expect(value == nil)
                }
                let value = try await third.get("a")
                #expect(value == [3])
            }
            try await redis.client({ $0.database = 4 }) { client in
                let refused = await failure { try await client.get("a") }
                #expect(refused == .unreachable)
                #expect(client.figures.first?.1.fault == .refused("ERR"))
            }
        }
    }

    @Test func aReplicaIsNoMaster() async throws {
        try await TestRedis.running { master in
            try await TestRedis.running(["replicaof 127.0.0.1 \(master.port)"]) { replica in
                try await replica.client { client in
                    let refused = await failure { try await client.set("a", to: [1], expiringAfter: .seconds(9)) }
                    #expect(refused == .unreachable)
                    #expect(
                        [.notMaster, .refused("MASTERDOWN"), .refused("LOADING")].contains(
                            client.figures.first?.1.fault))
                }
            }
        }
    }

    @Test func aSocketFileLeadsToIt() async throws {
        try await TestRedis.running { redis in
            try await redis.client({ $0.place = .server(.socket(path: "\(redis.directory)/socket")) }) { client in
                try await client.set("a", to: [1], expiringAfter: .seconds(60))
                let value = try await client.get("a")
                #expect(value == [1])
            }
        }
    }

    @Test func aNameIsLookedUp() async throws {
        try await TestRedis.running { redis in
            try await redis.client({ $0.place = .server(.host("localhost", port: redis.port)) }) { client in
                try await client.ping(within: .seconds(5))
            }
            try await redis.client({ $0.place = .server(.host("nowhere.invalid", port: redis.port)) }) { client in
                let refused = await failure { try await client.ping(within: .seconds(30)) }
                #expect(refused == .unreachable)
            }
        }
    }
}
