/// Counts of values by upper bound, as Prometheus takes them.
public struct Histogram: Sendable, Equatable {
    /// Upper bounds in ascending order, in the values' unit. Above the last is `+Inf`.
    public let bounds: [Double]
    /// One count for each bound and one for what lies above; not cumulative.
    public private(set) var counts: [Int]
    public private(set) var sum: Double = 0
    public private(set) var count = 0

    public init(bounds: [Double]) {
        self.bounds = bounds
        counts = Array(repeating: 0, count: bounds.count + 1)
    }

    /// Seconds, from 100 µs to 5 s.
    public static var latencies: Histogram {
        Histogram(bounds: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5])
    }

    public mutating func record(_ value: Double) {
        var index = 0
        while index < bounds.count, value > bounds[index] { index += 1 }
        counts[index] += 1
        sum += value
        count += 1
    }

    /// The bound that `share` (0...1) of the values do not exceed; the last bound when they lie above it. 0 without values.
    public func quantile(_ share: Double) -> Double {
        guard count > 0 else { return 0 }
        let rank = share * Double(count)
        var seen = 0
        for (index, bound) in bounds.enumerated() {
            seen += counts[index]
            if Double(seen) >= rank { return bound }
        }
        return bounds.last ?? 0
    }

    public var mean: Double { count == 0 ? 0 : sum / Double(count) }
}
