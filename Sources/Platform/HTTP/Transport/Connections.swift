import NIOCore
import Threads

/// How many connections there may be.
package struct ConnectionLimits: Sendable {
    /// In all (HTTP_MAX_CONNECTIONS).
    package var total: Int
    /// From one address, trusted proxies excepted (HTTP_MAX_CONNECTIONS_PER_ADDRESS); an IPv6 address counts by its /64.
    package var perAddress: Int

    package init(total: Int = 10_000, perAddress: Int = 200) {
        self.total = total
        self.perAddress = perAddress
    }
}

/// The connections that are open: counted, told to end, and waited for.
final class Connections: Sendable {
    private struct State: Sendable {
        var open: [ObjectIdentifier: any Channel] = [:]
        var byAddress: [String: Int] = [:]
        var refused = 0
        var onEmpty: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Locked(State())
    private let limits: ConnectionLimits
    private let forwarding: Forwarding

    init(_ limits: ConnectionLimits, _ forwarding: Forwarding) {
        self.limits = limits
        self.forwarding = forwarding
    }

    var count: Int { state.withLock { $0.open.count } }
    var refused: Int { state.withLock { $0.refused } }

    /// Notes the connection until it is closed. False when it is one too many.
    func admit(_ channel: any Channel) -> Bool {
        let address = forwarding.countedAddress(of: channel.remoteAddress)
        let id = ObjectIdentifier(channel)
        let isAdmitted = state.withLock { state in
            let fromAddress = address.map { state.byAddress[$0] ?? 0 } ?? 0
            guard state.open.count < limits.total, fromAddress < limits.perAddress else {
                state.refused += 1
                return false
            }
            state.open[id] = channel
            if let address { state.byAddress[address] = fromAddress + 1 }
            return true
        }
        if isAdmitted { channel.closeFuture.whenComplete { [self] _ in leave(id, address) } }
        return isAdmitted
    }

    private func leave(_ id: ObjectIdentifier, _ address: String?) {
        let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.open[id] = nil
            if let address, let count = state.byAddress[address] {
                state.byAddress[address] = count > 1 ? count - 1 : nil
            }
            guard state.open.isEmpty else { return [] }
            defer { state.onEmpty = [] }
            return state.onEmpty
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Sends an event through the pipeline of each.
    func tell(_ event: some Sendable) {
        for channel in state.withLock({ Array($0.open.values) }) {
            channel.pipeline.fireUserInboundEventTriggered(event)
        }
    }

    func closeAll() {
        for channel in state.withLock({ Array($0.open.values) }) { channel.close(promise: nil) }
    }

    /// Returns when none is open.
    func untilEmpty() async {
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLock { state in
                if !state.open.isEmpty { state.onEmpty.append(continuation) }
                return state.open.isEmpty
            }
            if isEmpty { continuation.resume() }
        }
    }
}
