import Codecs
import Platform
import Providers
import TestKit
import Testing

@Suite(.timeLimit(.minutes(10)))
struct SubscriptionTests {
    @Test func aChannelIsHeardAcrossALossAndTheLossIsTold() async throws {
        try await TestRedis.running { redis in
            try await redis.client { client in
                let (events, feed) = AsyncStream<SharedEvent>.makeStream()
                let subscription = client.subscribe(to: "news") { feed.yield($0) }
                var heard = events.makeAsyncIterator()
                #expect(await heard.next() == .subscribed)
                try await client.publish([1, 13, 10], to: "news")
                try await client.publish([9], to: "other")
                #expect(await heard.next() == .message([1, 13, 10]))
                try await redis.crash()
                #expect(await heard.next() == .lost)
                try await redis.launch()
                #expect(await heard.next() == .subscribed)
                try await until("it is published") {
                    await failure { try await client.publish([2], to: "news") } == nil
                }
                #expect(await heard.next() == .message([2]))
                subscription.cancel()
                try await until("nobody listens") {
                    let channels = try await client.send(
                        ["pubsub", "channels"], key: nil, within: nil, isRepeatable: true)
                    return channels.elements?.isEmpty == true
                }
            }
        }
    }

    @Test func twoHearersOfAChannelHearTheSame() async throws {
        try await TestRedis.running { redis in
            try await redis.client { client in
                let (first, firstFeed) = AsyncStream<SharedEvent>.makeStream()
                let (second, secondFeed) = AsyncStream<SharedEvent>.makeStream()
                let one = client.subscribe(to: "news") { firstFeed.yield($0) }
                var firstHeard = first.makeAsyncIterator()
                #expect(await firstHeard.next() == .subscribed)
                let two = client.subscribe(to: "news") { secondFeed.yield($0) }
                var secondHeard = second.makeAsyncIterator()
                #expect(await secondHeard.next() == .subscribed)
                one.cancel()
                try await client.publish([7], to: "news")
                #expect(await secondHeard.next() == .message([7]))
                two.cancel()
            }
        }
    }

    @Test func aServerThatHangsIsALossToHearersToo() async throws {
        try await TestRedis.running { redis in
            try await redis.client({ $0.commandTimeout = .milliseconds(100) }) { client in
                let (events, feed) = AsyncStream<SharedEvent>.makeStream()
                let subscription = client.subscribe(to: "news") { feed.yield($0) }
                var heard = events.makeAsyncIterator()
                #expect(await heard.next() == .subscribed)
                try await reached(client)
                redis.pause()
                // One deadline, or more where this machine is too busy to say who was silent.
                try await until("it counts as lost") {
                    await failure { try await client.get("a") } == .unreachable
                }
                #expect(await heard.next() == .lost)
                redis.resume()
                #expect(await heard.next() == .subscribed)
                subscription.cancel()
            }
        }
    }
}
