import Platform
import Threads

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The process that serves now, as the one that is to follow it sees it.
///
/// The listening sockets themselves are handed over, so there is no moment in which nobody listens: until the new process says
/// that it serves, both take connections from the same queue.
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

    /// Says that we serve: the other ends, and we have its place.
    func dismiss() async throws {
        try await Self.talking.run {
            defer { socket.close() }
            try socket.send(HandoverWord.ready)
            guard try socket.receive().text == HandoverWord.ending else {
                throw HandoverFailure("the process that served until now has ended by itself")
            }
        }
    }
}

/// What the two say to each other, a line each.
enum HandoverWord {
    static let take = "take\n"
    static let ready = "ready\n"
    static let ending = "ending\n"
}
