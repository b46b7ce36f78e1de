import CPosix

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A stream socket in the file system, used by blocking calls with deadlines: on a thread of its own.
struct UnixSocket: Sendable {
    let descriptor: Int32

    /// Most bytes of one message.
    static let messageLimit = 256

    /// Who listens at the path; nil when nobody does.
    static func connect(to path: String) throws -> UnixSocket? {
        let socket = try make()
        let status = try withAddress(path) { systemConnect(socket.descriptor, $0, $1) }
        guard status == 0 else {
            let code = errno
            socket.close()
            if code == ENOENT || code == ECONNREFUSED { return nil }
            throw HandoverFailure("\(path): \(String(cString: strerror(code)))")
        }
        return socket
    }

    /// Listens at the path in place of whoever did: bound beside and moved there, so that there always is one.
    static func listen(at path: String) throws -> UnixSocket {
        let beside = path + ".new"
        unlink(beside)
        let socket = try make()
        let bound = try withAddress(beside) { systemBind(socket.descriptor, $0, $1) }
        guard bound == 0, chmod(beside, 0o600) == 0, systemListen(socket.descriptor, 4) == 0, rename(beside, path) == 0
        else {
            let code = errno
            socket.close()
            throw HandoverFailure("\(path): \(String(cString: strerror(code)))")
        }
        return socket
    }

    /// Waits until there is something to read or accept. False when `end` becomes readable first, or the time is over.
    func waits(until end: Int32, seconds: Int? = nil) throws -> Bool {
        var waiting = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: end, events: Int16(POLLIN), revents: 0),
        ]
        var found = poll(&waiting, 2, seconds.map { Int32($0 * 1_000) } ?? -1)
        while found < 0, errno == EINTR { found = poll(&waiting, 2, seconds.map { Int32($0 * 1_000) } ?? -1) }
        guard found >= 0 else { throw HandoverFailure("poll: \(String(cString: strerror(errno)))") }
        return found > 0 && waiting[1].revents == 0
    }

    /// The next that connects; nil when `end` becomes readable first.
    func accept(until end: Int32) throws -> UnixSocket? {
        guard try waits(until: end) else { return nil }
        let accepted = systemAccept(descriptor)
        guard accepted >= 0 else { throw HandoverFailure("accept: \(String(cString: strerror(errno)))") }
        _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
        return UnixSocket(descriptor: accepted)
    }

    /// The user whose process is at the other end.
    var peerUser: uid_t? {
        uid_t(exactly: cposix_peer_user(descriptor))
    }

    /// How long a read or a write may wait, from now on.
    func limitWaits(toSeconds seconds: Int) {
        var time = timeval(tv_sec: seconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, size)
    }

    func send(_ text: String, descriptors: [Int32] = []) throws {
        let bytes = Array(text.utf8)
        if descriptors.isEmpty {
            guard systemSend(descriptor, bytes) == bytes.count else {
                throw HandoverFailure("the other process does not listen: \(String(cString: strerror(errno)))")
            }
            return
        }
        let status = cposix_send_descriptors(descriptor, descriptors, Int32(descriptors.count), bytes, bytes.count)
        guard status == 0 else { throw HandoverFailure("descriptors: \(String(cString: strerror(-status)))") }
    }

    /// One message, and the descriptors that came with it. Empty text: the other end is gone.
    func receive() throws -> (text: String, descriptors: [Int32]) {
        var bytes = [UInt8](repeating: 0, count: Self.messageLimit)
        var descriptors = [Int32](repeating: -1, count: 8)
        var count: Int32 = 0
        let received = cposix_receive_descriptors(descriptor, &descriptors, &count, &bytes, bytes.count)
        guard received >= 0 else {
            throw HandoverFailure("the other process does not answer: \(String(cString: strerror(Int32(-received))))")
        }
        return (String(decoding: bytes.prefix(received), as: UTF8.self), Array(descriptors.prefix(Int(count))))
    }

    func close() {
        _ = systemClose(descriptor)
    }

    private static func make() throws -> UnixSocket {
        #if canImport(Glibc)
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        #else
        let descriptor = socket(AF_UNIX, SOCK_STREAM, 0)
        #endif
        guard descriptor >= 0 else { throw HandoverFailure("socket: \(String(cString: strerror(errno)))") }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return UnixSocket(descriptor: descriptor)
    }

    private static func withAddress(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw HandoverFailure("\(path) is too long for a socket; set HANDOVER_SOCKET to a shorter one")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}

private func systemConnect(_ socket: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
    connect(socket, address, length)
}

private func systemBind(_ socket: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
    bind(socket, address, length)
}

private func systemListen(_ socket: Int32, _ backlog: Int32) -> Int32 { listen(socket, backlog) }

private func systemAccept(_ socket: Int32) -> Int32 { accept(socket, nil, nil) }

private func systemSend(_ socket: Int32, _ bytes: [UInt8]) -> Int {
    #if canImport(Glibc)
    send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    #else
    send(socket, bytes, bytes.count, 0)
    #endif
}

private func systemClose(_ descriptor: Int32) -> Int32 { close(descriptor) }
