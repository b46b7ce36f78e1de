import Threads

/// Whether the product is closed for maintenance, as this node last heard.
public final class Maintenance: Sendable {
    private let message = Locked<String?>(nil)

    /// What visitors are told, or nil when the product is open.
    public var notice: String? { message.withLock { $0 } }

    public func set(_ notice: String?) {
        message.withLock { $0 = notice }
    }
}
