import Logging
import Platform
import Synchronization
import Threads

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Waits for a process that is to follow this one, hands it the listening sockets, and returns when it serves.
final class Successor: Sendable {
    private let place: HandoverPlace
    private let sockets: [ListeningSocket]
    private let log: Logger
    private let waiting = BlockingPool(name: "lean-handover", threads: 1, queueLimit: 1)
    private let ends: (read: Int32, write: Int32)
    /// Two processes on one place: only one of them still owns its path.
    private let isReplaced = Atomic<Bool>(false)

    /// The longest that the new process may take to get ready; then this one goes on as if it had not been asked.
    private static let patienceSeconds = 300

    init(at place: HandoverPlace, of sockets: [ListeningSocket], log: Logger) throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw HandoverFailure("pipe: \(String(cString: strerror(errno)))") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        self.ends = (ends[0], ends[1])
        self.place = place
        self.sockets = sockets
        self.log = log
    }

    deinit {
        close(ends.read)
        close(ends.write)
    }

    /// True when a successor serves; false when the task was cancelled.
    ///
    /// - Parameter server: takes no more connections before the successor takes them, and takes them again when that one ends
    ///   before it serves.
    func takesOver(_ server: Server) async throws -> Bool {
        let place = place
        let door = try await waiting.run {
            try place.prepare()
            return try UnixSocket.listen(at: place.path)
        }
        defer {
            door.close()
            if !isReplaced.load(ordering: .relaxed) { unlink(place.path) }
        }
        return try await withTaskCancellationHandler {
            while let visitor = try await waiting.run({ [self] in try door.accept(until: ends.read) }) {
                defer { visitor.close() }
                do {
                    if try await handsOver(to: visitor, server) { return true }
                } catch {
                    log.warning("a hand-over failed; this process goes on serving", metadata: ["cause": "\(error)"])
                }
            }
            return false
        } onCancel: {
            _ = write(ends.write, "x", 1)
        }
    }

    private func handsOver(to visitor: UnixSocket, _ server: Server) async throws -> Bool {
        guard try await waiting.run({ [self] in try offers(to: visitor) }) else { return false }
        await server.pause()
        do {
            try await waiting.run { [self] in try untilServing(visitor) }
        } catch {
            await server.resume()
            throw error
        }
        return true
    }

    /// Gives the sockets, and waits until the other could serve on them.
    private func offers(to visitor: UnixSocket) throws -> Bool {
        guard visitor.peerUser == geteuid() else { throw HandoverFailure("another user asked for the sockets") }
        visitor.limitWaits(toSeconds: 5)
        guard try visitor.receive().text == HandoverWord.take else { return false }
        let schemes = sockets.map(\.scheme.rawValue).joined(separator: " ") + "\n"
        try visitor.send(schemes, descriptors: sockets.map(\.descriptor))
        log.notice("handing over")
        guard try visitor.waits(until: ends.read, seconds: Self.patienceSeconds),
            try visitor.receive().text == HandoverWord.ready
        else { throw HandoverFailure("the new process ended before it was ready") }
        return true
    }

    /// Nobody takes connections meanwhile: the other has little time.
    private func untilServing(_ visitor: UnixSocket) throws {
        try visitor.send(HandoverWord.paused)
        guard try visitor.waits(until: ends.read, seconds: Predecessor.patienceSeconds),
            try visitor.receive().text == HandoverWord.serving
        else { throw HandoverFailure("the new process ended before it served") }
        isReplaced.store(true, ordering: .relaxed)
        do {
            try visitor.send(HandoverWord.ending)
        } catch {
            isReplaced.store(false, ordering: .relaxed)
            throw error
        }
    }
}
