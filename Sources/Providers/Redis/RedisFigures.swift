import Codecs

/// What a server's connections did since the start, and how they are.
package struct RedisFigures: Sendable {
    /// Answered, refusals of the server included.
    package var commands = 0
    /// Answered with an error, of which some belong to the protocol: NOSCRIPT, MOVED.
    package var refusals = 0
    /// Without an answer in time.
    package var timeouts = 0
    /// Refused here, since too many waited.
    package var overflows = 0
    /// Refused here, since the server counted as lost.
    package var unreachables = 0
    /// Sent again after their connection was lost.
    package var repeats = 0
    package var connectionsMade = 0
    package var connectionFailures = 0
    package var connectionsLost = 0
    /// How often it was lost, and came back.
    package var losses = 0
    package var recoveries = 0
    /// Now.
    package var connections = 0
    package var waiting = 0
    package var isReachable = true
    /// Why it was lost last; nil while it answers.
    package var fault: RedisFault?
    /// Seconds from the call to the answer.
    package var times = Histogram(bounds: [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1])
}
