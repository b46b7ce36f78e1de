import Postgres
import Threads

/// What a feature hears when PostgreSQL notifies: declared by the feature, on one connection per node for all.
public struct Subscription: Sendable {
    /// Lower case and underscores: `lean_sessions`.
    public let channel: String
    let onPayload: @Sendable (String) -> Void
    let onGap: @Sendable () -> Void
    let onHearing: @Sendable (Bool) -> Void

    /// All run on the listening thread and in the order of arrival, before a later ping is believed: they only forget or
    /// leave a note, and never wait.
    ///
    /// - Parameters:
    ///   - onPayload: one NOTIFY's text.
    ///   - onGap: notifications may have been missed: what was remembered is to be forgotten or read again.
    ///   - onHearing: whether the node hears from now on, told before the gap when it hears no more, and after it when it
    ///     does again.
    public init(
        _ channel: String, onPayload: @escaping @Sendable (String) -> Void, onGap: @escaping @Sendable () -> Void,
        onHearing: @escaping @Sendable (Bool) -> Void = { _ in }
    ) {
        self.channel = channel
        self.onPayload = onPayload
        self.onGap = onGap
        self.onHearing = onHearing
    }
}

/// Whether this node hears of changes in time: what is remembered may be believed only while the lease runs.
///
/// A ping travels the listening connection; its answer comes after all that was notified before it was sent. So long as
/// the last answered ping was sent less than `length` ago, no notification older than that can be missing.
public final class Lease: Sendable {
    /// The longest that a revocation on another node may stay unheard.
    public static let length: Duration = .milliseconds(50)

    private let provenUntil = Locked<ContinuousClock.Instant?>(nil)
    private let isWanted = Locked(false)
    /// One element at most, for whoever keeps the lease.
    let wishes: AsyncStream<Void>
    private let wish: AsyncStream<Void>.Continuation

    init() {
        (wishes, wish) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Whether what is remembered may be believed now. Asking keeps the lease alive.
    public var isCurrent: Bool {
        let isFirst = isWanted.withLock { wanted in
            defer { wanted = true }
            return !wanted
        }
        if isFirst { wish.yield() }
        return provenUntil.withLock { until in until.map { $0 > .now } ?? false }
    }

    func prove(sentAt: ContinuousClock.Instant) {
        provenUntil.withLock { $0 = sentAt + Self.length }
    }

    func end() {
        provenUntil.withLock { $0 = nil }
    }

    /// From here on who asks wishes anew.
    func takeWish() {
        isWanted.withLock { $0 = false }
    }
}

/// Runs the node's one listening connection and keeps its lease.
package struct Notifications: Sendable {
    private let subscriptions: [Subscription]
    private let services: Services

    package init(_ subscriptions: [Subscription], _ services: Services) {
        self.subscriptions = subscriptions
        self.services = services
    }

    package func run() async {
        let lease = services.lease
        let subscriptions = subscriptions
        let listener = Listener(services.listening, channels: Set(subscriptions.map(\.channel)).sorted()) { event in
            if case .lost = event { lease.end() }
            Self.pass(event, subscriptions)
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await listener.run() }
            group.addTask { await Self.keep(lease, listener) }
            await group.next()
            group.cancelAll()
        }
    }

    /// Pings while somebody relies on the lease, four times in its length; sleeps while nobody does.
    private static func keep(_ lease: Lease, _ listener: Listener) async {
        for await _ in lease.wishes {
            lease.takeWish()
            let sent = ContinuousClock.now
            do {
                try await listener.ping()
                lease.prove(sentAt: sent)
            } catch {
                lease.end()
            }
            do { try await Task.sleep(for: Lease.length / 4) } catch { return }
        }
    }

    private static func pass(_ event: ListenEvent, _ subscriptions: [Subscription]) {
        switch event {
        case .connected:
            for subscription in subscriptions {
                subscription.onGap()
                subscription.onHearing(true)
            }
        case .lost:
            for subscription in subscriptions {
                subscription.onHearing(false)
                subscription.onGap()
            }
        case .notification(let channel, let payload):
            for subscription in subscriptions where subscription.channel == channel {
                subscription.onPayload(payload)
            }
        }
    }
}
