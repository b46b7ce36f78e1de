import Foundation
import TestKit
import Testing
import Threads

@testable import LeanSaaS

/// One process after the other on the same sockets; here as nodes of one process, which NIO's debug assertions watch.
@Suite(.freshDatabase, .serialized, .timeLimit(.minutes(10))) struct HandoverTests {
    private static let request = "GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

    private static func answer(_ port: Int) async throws -> String {
        let connection = try RawConnection(port: port)
        defer { connection.close() }
        try await connection.send(request)
        return try await connection.untilClosed()
    }

    /// A port and a place of the test's own.
    private static func inPlace(_ body: (HandoverPlace, Int, [String: String]) async throws -> Void) async throws {
        let folder = "/tmp/lean-handover-\(UUID().uuidString.prefix(8))"
        let place = HandoverPlace(setting: folder + "/socket", port: 0)
        let port = try FreePort.first(from: Int.random(in: 20_000..<40_000))
        let settings = ["PORT": "\(port)", "HANDOVER_SOCKET": place.path, "HTTP_DRAIN_TIMEOUT": "1s"]
        try await body(place, port, settings)
        try FileManager.default.removeItem(atPath: folder)
    }

    /// A node that serves, and how it ends.
    private static func serving(_ settings: [String: String]) async throws -> Task<Void, any Error> {
        let node = try await TestNode.make(settings: settings)
        let (running, feed) = AsyncStream<Void>.makeStream()
        let task = Task {
            defer { feed.finish() }
            try await node.serve(takesOver: true) { _ in feed.yield() }
        }
        try await within("it serves") {
            for await _ in running { return }
            try await task.value
        }
        return task
    }

    /// Whoever asks for the sockets at the place.
    private static func untilListening(_ place: HandoverPlace) async throws {
        try await until("somebody hands over") {
            guard let socket = try UnixSocket.connect(to: place.path) else { return false }
            socket.close()
            return true
        }
    }

    @Test func `nodes follow each other under load, and no connection is refused or cut off`() async throws {
        try await Self.inPlace { _, port, settings in
            let load = Load()
            var nodes = [try await Self.serving(settings)]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        while !load.isOver.withLock({ $0 }) {
                            do {
                                let answer = try await Self.answer(port)
                                if answer.hasPrefix("HTTP/1.1 200 ") {
                                    load.count.withLock { $0 += 1 }
                                } else {
                                    load.failures.withLock { $0.append("answered: \(answer)") }
                                }
                            } catch {
                                load.failures.withLock { $0.append("\(error)") }
                            }
                        }
                    }
                }
                defer { load.isOver.withLock { $0 = true } }
                for _ in 0..<8 {
                    let old = nodes.removeFirst()
                    nodes.append(try await Self.serving(settings))
                    try await within("the node before ends", limit: .seconds(60)) { try await old.value }
                    let before = load.count.withLock { $0 }
                    try await until("the new one answers") { load.count.withLock { $0 } > before + 20 }
                }
            }
            #expect(load.failures.withLock { $0 } == [])
            nodes[0].cancel()
            _ = await nodes[0].result
        }
    }

    @Test func `nobody takes connections between the two, and a successor that dies there is made up for`() async throws
    {
        try await Self.inPlace { place, port, settings in
            let node = try await Self.serving(settings)
            try await Self.untilListening(place)
            let quiet = try QuietDescriptors()
            defer { quiet.close() }
            for isReady in [false, true] {
                let socket = try #require(try UnixSocket.connect(to: place.path))
                socket.limitWaits(toSeconds: 20)
                try socket.send(HandoverWord.take)
                let (schemes, descriptors) = try socket.receive()
                #expect(schemes == "http\n")
                if isReady {
                    try socket.send(HandoverWord.ready)
                    #expect(try socket.receive().text == HandoverWord.paused)
                    // What comes now is ours alone to take.
                    let (first, second) = (try RawConnection(port: port), try RawConnection(port: port))
                    let listening = UnixSocket(descriptor: try #require(descriptors.first))
                    #expect(try listening.waits(until: quiet.read, seconds: 10))
                    let taken = try #require(try listening.accept(until: quiet.read))
                    try taken.send("taken")
                    taken.close()
                    #expect(try await first.untilClosed() == "taken")
                    first.close()
                    // And what we do not take waits for whoever does.
                    try await second.send(Self.request)
                    socket.close()
                    #expect(try await second.untilClosed().hasPrefix("HTTP/1.1 200 "))
                    second.close()
                } else {
                    socket.close()
                }
                for descriptor in descriptors { close(descriptor) }
                #expect(try await Self.answer(port).hasPrefix("HTTP/1.1 200 "))
            }
            let successor = try await Self.serving(settings)
            try await within("the node before ends") { try await node.value }
            #expect(try await Self.answer(port).hasPrefix("HTTP/1.1 200 "))
            successor.cancel()
            _ = await successor.result
        }
    }

    @Test func `a process that was given up does not serve beside the one that goes on`() async throws {
        try await Self.inPlace { place, port, settings in
            try place.prepare()
            let door = try UnixSocket.listen(at: place.path)
            let quiet = try QuietDescriptors()
            defer { quiet.close() }
            let talking = BlockingPool(name: "test-handover", threads: 1, queueLimit: 4)
            for isGone in [false, true] {
                let giving = Task {
                    try await talking.run {
                        var visitor = try #require(try door.accept(until: quiet.read))
                        // Who was given up has looked whether anybody is here.
                        while try visitor.receive().text != HandoverWord.take {
                            visitor.close()
                            visitor = try #require(try door.accept(until: quiet.read))
                        }
                        try visitor.send("http\n", descriptors: [quiet.read])
                        _ = try visitor.receive()
                        try visitor.send(HandoverWord.paused)
                        visitor.close()
                        if isGone { door.close() }
                    }
                }
                let predecessor = try #require(try await Predecessor.meet(at: place))
                for socket in predecessor.sockets { socket.close() }
                try await predecessor.pause()
                try await giving.value
                if isGone {
                    #expect(try await !predecessor.dismiss(from: place))
                } else {
                    await #expect(throws: HandoverFailure.self) { try await predecessor.dismiss(from: place) }
                }
            }
        }
    }
}

/// What clients saw while one node followed the other.
private final class Load: Sendable {
    let isOver = Locked(false)
    let failures = Locked<[String]>([])
    let count = Locked(0)
}

/// A descriptor on which nothing ever comes.
private struct QuietDescriptors {
    let read: Int32
    private let write: Int32

    init() throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw HandoverFailure("pipe") }
        (read, write) = (ends[0], ends[1])
    }

    func close() {
        for descriptor in [read, write] { _ = Foundation.close(descriptor) }
    }
}
