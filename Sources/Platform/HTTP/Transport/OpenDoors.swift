import Logging
import NIOCore
import NIOPosix
import Threads

/// The channels that accept connections: those of a running server, none before and after.
final class OpenDoors: Sendable {
    private let channels = Locked<[any Channel]>([])
    private let isEnding = Flag()

    func add(_ channel: any Channel) {
        channels.withLock { $0.append(channel) }
    }

    /// Takes no more connections, and returns when that is so: those that come wait in the kernel's queue.
    func pause(_ log: Logger) async {
        await set(accepting: false, log)
    }

    /// Takes connections again.
    func resume(_ log: Logger) async {
        guard !isEnding.isSet else { return }
        await set(accepting: true, log)
    }

    private func set(accepting: Bool, _ log: Logger) async {
        for door in channels.withLock({ $0 }) {
            do {
                try await door.setOption(.autoRead, value: accepting).get()
            } catch {
                // Closed already: it accepts nothing.
                log.debug("the door was closed", metadata: ["cause": "\(error)"])
            }
        }
    }

    /// Closing a door at once would drop the connections that are on their way through it: it stops reading first, and is
    /// closed when each event loop has done what it had been given until then.
    func close(_ log: Logger) async {
        isEnding.set()
        await pause(log)
        for door in channels.withLock({ $0 }) {
            do {
                for loop in MultiThreadedEventLoopGroup.singleton.makeIterator() { try await loop.submit {}.get() }
                try await door.eventLoop.submit {}.get()
                try await door.close().get()
            } catch {
                log.debug("the door was closed", metadata: ["cause": "\(error)"])
            }
        }
    }

    func closeAtOnce() {
        for door in channels.withLock({ $0 }) { door.close(promise: nil) }
        channels.withLock { $0 = [] }
    }
}
