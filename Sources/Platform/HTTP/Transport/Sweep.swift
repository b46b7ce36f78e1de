import NIOCore

/// Something of a connection that has deadlines.
protocol Sweepable: AnyObject {
    /// Called on the connection's event loop, a few times a second.
    func sweep(now: NIODeadline)
}

/// Looks at all connections of one event loop every quarter of a second. A timer for each would be set and cancelled with
/// every request; so a request costs the writing of a field.
final class Sweep {
    static let interval = TimeAmount.milliseconds(250)

    private var entries: [ObjectIdentifier: any Sweepable] = [:]
    private var task: RepeatedTask?

    private init() {}

    func add(_ entry: any Sweepable) {
        entries[ObjectIdentifier(entry)] = entry
    }

    func remove(_ entry: any Sweepable) {
        entries[ObjectIdentifier(entry)] = nil
    }

    private func pass() {
        let now = NIODeadline.now()
        // A copy, since whoever is closed leaves the list.
        for entry in Array(entries.values) { entry.sweep(now: now) }
    }

    /// A sweep for each loop of the group.
    struct All: Sendable {
        private let byLoop: [ObjectIdentifier: NIOLoopBound<Sweep>]

        init(_ group: any EventLoopGroup) async throws {
            var byLoop: [ObjectIdentifier: NIOLoopBound<Sweep>] = [:]
            for loop in group.makeIterator() {
                byLoop[ObjectIdentifier(loop)] = try await loop.submit {
                    let bound = NIOLoopBound(Sweep(), eventLoop: loop)
                    bound.value.task = loop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
                        bound.value.pass()
                    }
                    return bound
                }.get()
            }
            self.byLoop = byLoop
        }

        /// The sweep of the loop that this is called on.
        func sweep(on loop: any EventLoop) -> Sweep? {
            byLoop[ObjectIdentifier(loop)]?.value
        }

        func stop() async {
            for bound in byLoop.values {
                bound.eventLoop.execute { bound.value.task?.cancel() }
            }
        }
    }
}
