import CPosix

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What a socket is ready for.
struct Readiness: OptionSet, Sendable {
    let rawValue: UInt8
    static let readable = Readiness(rawValue: 1)
    static let writable = Readiness(rawValue: 2)
}

#if os(Linux)
/// Readiness of many sockets at once, by epoll, level-triggered.
struct Poller {
    private let descriptor: Int32
    private var events = [epoll_event](repeating: epoll_event(), count: 128)

    init() {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        precondition(descriptor >= 0, "epoll is there and the descriptor limit is not reached")
    }

    func watch(_ socket: Int32, for interest: Readiness, isNew: Bool) {
        var mask: UInt32 = 0
        if interest.contains(.readable) { mask |= EPOLLIN.rawValue }
        if interest.contains(.writable) { mask |= EPOLLOUT.rawValue }
        var event = epoll_event(events: mask, data: epoll_data_t(fd: socket))
        epoll_ctl(descriptor, isNew ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket, &event)
    }

    func forget(_ socket: Int32) {
        epoll_ctl(descriptor, EPOLL_CTL_DEL, socket, nil)
    }

    /// Waits at most `milliseconds` (-1: for ever) and appends what is ready.
    mutating func wait(milliseconds: Int32, into ready: inout [(socket: Int32, readiness: Readiness)]) {
        let count = epoll_wait(descriptor, &events, Int32(events.count), milliseconds)
        for index in 0..<Int(max(0, count)) {
            let mask = events[index].events
            var readiness: Readiness = []
            // An error or a hang-up is told to the reader: reading it is what finds the cause.
            if mask & (EPOLLIN.rawValue | EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 {
                readiness.insert(.readable)
            }
            if mask & EPOLLOUT.rawValue != 0 { readiness.insert(.writable) }
            ready.append((events[index].data.fd, readiness))
        }
    }

    func close() {
        _ = Glibc.close(descriptor)
    }
}
#else
/// Readiness of many sockets at once, by poll(2): a laptop's pool is small.
struct Poller {
    private var sockets: [Int32: Readiness] = [:]

    mutating func watch(_ socket: Int32, for interest: Readiness, isNew: Bool) {
        sockets[socket] = interest
    }

    mutating func forget(_ socket: Int32) {
        sockets[socket] = nil
    }

    mutating func wait(milliseconds: Int32, into ready: inout [(socket: Int32, readiness: Readiness)]) {
        var polled = sockets.map { socket, interest in
            var events = interest.contains(.readable) ? POLLIN : 0
            if interest.contains(.writable) { events |= POLLOUT }
            return pollfd(fd: socket, events: Int16(events), revents: 0)
        }
        guard poll(&polled, nfds_t(polled.count), milliseconds) > 0 else { return }
        for entry in polled where entry.revents != 0 {
            var readiness: Readiness = []
            if Int32(entry.revents) & (POLLIN | POLLERR | POLLHUP) != 0 { readiness.insert(.readable) }
            if Int32(entry.revents) & POLLOUT != 0 { readiness.insert(.writable) }
            ready.append((entry.fd, readiness))
        }
    }

    func close() {}
}
#endif
