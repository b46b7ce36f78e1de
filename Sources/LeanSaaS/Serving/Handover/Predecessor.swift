import Platform
import Threads

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The process that serves now, as the one that is to follow it sees it.
///
/// The listening sockets themselves are handed over, so there is no moment in which nobody listens. One process at a time takes
/// connections from their queue; for the few milliseconds between the two they wait in it.
struct Predecessor: Sendable {
    private let socket: UnixSocket
    let sockets: [ListeningSocket]

    private static let talking = BlockingPool(name: "lean-takeover", threads: 1, queueLimit: 8)

    /// Asks whoever serves at the place for its sockets; nil when nobody does.
    static func meet(at place: HandoverPlace) async throws -> Predecessor? {
        try await talking.run {
            try place.prepare()
            guard let socket = try UnixSocket.connect(to: place.path) else { return nil }
            guard socket.peerUser == geteuid() else {
                socket.close()
                throw HandoverFailure("\(place.path) is another user's")
            }
            socket.limitWaits(toSeconds: 5)
            try socket.send(HandoverWord.take)
            let (text, descriptors) = try socket.receive()
            let schemes = text.split(whereSeparator: \.isWhitespace).compactMap {
                ListeningSocket.Scheme(rawValue: String($0))
            }
            guard !schemes.isEmpty, schemes.count == descriptors.count else {
                for descriptor in descriptors { close(descriptor) }
                socket.close()
                throw HandoverFailure("the process that serves does not hand over: another hand-over is under way")
            }
            return Predecessor(
                socket: socket,
                sockets: zip(schemes, descriptors).map { ListeningSocket($0, adopting: $1) })
        }
    }

    /// Says that we are ready to serve, and returns when the other takes no more connections.
    ///
    /// - Throws: when it does not answer. Who is asked for connections takes them then, whatever became of it.
    func pause() async throws {
        try await Self.talking.run {
            socket.limitWaits(toSeconds: Self.patienceSeconds)
            try socket.send(HandoverWord.ready)
            guard try socket.receive().text == HandoverWord.paused else {
                throw HandoverFailure("the process that served until now has ended by itself")
            }
        }
    }

    /// Says that we serve: the other ends, and we have its place.
    ///
    /// - Returns: false when it is gone already.
    /// - Throws: `HandoverFailure` when it has given us up and goes on serving: then this process must not.
    func dismiss(from place: HandoverPlace) async throws -> Bool {
        try await Self.talking.run {
            defer { socket.close() }
            do {
                try socket.send(HandoverWord.serving)
                var said = try socket.receive().text
                // It was too busy to say so in time.
                if said == HandoverWord.paused { said = try socket.receive().text }
                if said.hasSuffix(HandoverWord.ending) { return true }
            } catch {
                // Whether anybody still is at the place says what it means.
            }
            guard let other = try UnixSocket.connect(to: place.path) else { return false }
            other.close()
            throw HandoverFailure("the process that serves has given this one up, and goes on serving")
        }
    }

    /// The other has as long to leave its doors as we have to open ours.
    static let patienceSeconds = 10
}

/// What the two say to each other, a line each.
enum HandoverWord {
    /// "Give me the sockets."
    static let take = "take\n"
    /// "I could serve."
    static let ready = "ready\n"
    /// "I take no more connections."
    static let paused = "paused\n"
    /// "I take them now."
    static let serving = "serving\n"
    /// "I end."
    static let ending = "ending\n"
}
