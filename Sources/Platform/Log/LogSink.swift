import Threads

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Writes log lines to a descriptor from a thread of its own, so that no request waits for a slow reader of our output.
///
/// At most 4 MiB wait; what comes above that is dropped and counted, and the count is told when there is room again.
package final class LogSink: Sendable {
    private struct Waiting: Sendable {
        var bytes: [UInt8] = []
        var dropped = 0
        var isWriting = false
    }

    private let waiting = Locked(Waiting())
    private let descriptor: Int32
    private let limit = 4 * 1_048_576
    private let writer = BlockingPool(name: "lean-log", threads: 1, queueLimit: 4)

    package init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    func write(_ line: [UInt8]) {
        let mustStart = waiting.withLock { waiting in
            guard waiting.bytes.count + line.count <= limit else {
                waiting.dropped += 1
                return false
            }
            waiting.bytes += line
            defer { waiting.isWriting = true }
            return !waiting.isWriting
        }
        if mustStart { start() }
    }

    /// Writes what waits, here and now: before the process ends.
    package func flush() {
        while let bytes = next() { writeAll(bytes) }
    }

    private func start() {
        Task {
            do {
                try await writer.run { [self] in flush() }
            } catch {
                flush()
            }
        }
    }

    private func next() -> [UInt8]? {
        waiting.withLock { waiting in
            if waiting.bytes.isEmpty {
                waiting.isWriting = false
                return nil
            }
            var bytes = waiting.bytes
            waiting.bytes = []
            if waiting.dropped > 0 {
                bytes += Array(
                    "{\"level\":\"warning\",\"message\":\"\(waiting.dropped) log lines were dropped\"}\n".utf8)
                waiting.dropped = 0
            }
            return bytes
        }
    }

    private func writeAll(_ bytes: [UInt8]) {
        var offset = 0
        while offset < bytes.count {
            let written = bytes.withUnsafeBytes { buffer in
                systemWrite(descriptor, buffer.baseAddress?.advanced(by: offset), bytes.count - offset)
            }
            if written < 0 {
                if errno == EINTR { continue }
                // Nobody reads our output any more: there is nowhere to say so.
                return
            }
            offset += written
        }
    }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}
