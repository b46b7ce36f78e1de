import Codecs

/// What a pool looks like and has done so far.
public struct PoolMetrics: Sendable {
    public var maximum = 0
    public var open = 0
    public var busy = 0
    public var connecting = 0
    public var waiting = 0
    /// Since the start.
    public var batches = 0
    public var failures = 0
    public var connectionsMade = 0
    public var connectionFailures = 0
    public var connectionsLost = 0
    public var timeouts = 0
    public var refusals = 0
    /// From sending a batch to its last answer.
    public var batchTimes = Histogram.latencies
    /// From the call to a connection's being free for it.
    public var waitTimes = Histogram.latencies

    public var idle: Int { open - busy }
}
