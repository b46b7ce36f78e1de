import Codecs
import Threads

/// How the cache does: by strategy and layer.
final class CacheFigures: Sendable {
    enum Layer: String, Sendable { case memory, shared }

    private struct Counts: Sendable {
        var loads = 0
        var stale = 0
        var memory = LayerCounts()
        var shared = LayerCounts()
    }

    private struct LayerCounts: Sendable {
        var hits = 0
        var misses = 0
        var times = Histogram(bounds: CacheFigures.bounds)
    }

    /// Seconds, from 1 µs: memory answers in less than Prometheus' usual least. Close together below 10 ms, which is what
    /// Redis may take.
    private static let bounds = [
        0.000_001, 0.000_005, 0.000_025, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002, 0.003, 0.004, 0.005, 0.006, 0.008,
        0.01, 0.025, 0.05, 0.25,
    ]
    /// By strategy's name.
    private let counts = Locked<[String: Counts]>([:])
    private let failures = Locked(0)

    func noteHit(_ strategy: CacheStrategy, _ layer: Layer, isStale: Bool, took: Duration) {
        let seconds = took.inSeconds
        counts.withLock { counts in
            Self.count(&counts[strategy.name, default: Counts()], layer, seconds, isStale: isStale)
        }
    }

    private static func count(_ counts: inout Counts, _ layer: Layer, _ seconds: Double, isStale: Bool) {
        if isStale { counts.stale += 1 }
        switch layer {
        case .memory:
            counts.memory.hits += 1
            counts.memory.times.record(seconds)
        case .shared:
            counts.shared.hits += 1
            counts.shared.times.record(seconds)
        }
    }

    func noteMiss(_ strategy: CacheStrategy, _ layer: Layer) {
        counts.withLock { counts in
            switch layer {
            case .memory: counts[strategy.name, default: Counts()].memory.misses += 1
            case .shared: counts[strategy.name, default: Counts()].shared.misses += 1
            }
        }
    }

    func noteLoad(_ strategy: CacheStrategy) {
        counts.withLock { $0[strategy.name, default: Counts()].loads += 1 }
    }

    /// Redis gave no answer.
    func noteFailure() { failures.withLock { $0 += 1 } }

    /// Reads that needed no load, of all reads; nil before the first.
    var hitRate: Double? {
        let (hits, loads) = counts.withLock { counts in
            counts.values.reduce((0, 0)) { ($0.0 + $1.memory.hits + $1.shared.hits, $0.1 + $1.loads) }
        }
        return hits + loads == 0 ? nil : Double(hits) / Double(hits + loads)
    }

    var samples: [Metrics.Sample] {
        let counts = counts.withLock { $0 }.sorted { $0.key < $1.key }
        return counts.flatMap { strategy, counts in
            [
                Metrics.Sample("leansaas_cache_loads_total", Double(counts.loads), ["strategy": strategy]),
                Metrics.Sample("leansaas_cache_stale_total", Double(counts.stale), ["strategy": strategy]),
            ] + Self.samples(strategy, .memory, counts.memory) + Self.samples(strategy, .shared, counts.shared)
        } + [Metrics.Sample("leansaas_cache_shared_failures_total", Double(failures.withLock { $0 }))]
    }

    private static func samples(_ strategy: String, _ layer: Layer, _ counts: LayerCounts) -> [Metrics.Sample] {
        guard counts.hits + counts.misses > 0 else { return [] }
        let labels = ["strategy": strategy, "layer": layer.rawValue]
        return [
            Metrics.Sample("leansaas_cache_hits_total", Double(counts.hits), labels),
            Metrics.Sample("leansaas_cache_misses_total", Double(counts.misses), labels),
        ]
            + [0.5, 0.99].map { share in
                let value = counts.times.quantile(share)
                return Metrics.Sample("leansaas_cache_seconds", value, labels.merging(["quantile": "\(share)"]) { $1 })
            }
    }
}

extension Cache {
    /// Whether anything is remembered.
    public var isEnabled: Bool { settings.isEnabled }

    /// Reads that needed no load, of all reads since the start; nil before the first.
    public var hitRate: Double? { figures.hitRate }

    var samples: [Metrics.Sample] {
        let held = memory.figures
        // None before the first read: a node that nobody asks is no cause for alarm.
        let rate = hitRate.map { Metrics.Sample("leansaas_cache_hit_rate", $0) }
        let beside = watched.withLock { $0 }.flatMap(\.samples)
        return figures.samples + beside + [rate].compactMap(\.self) + [
            .init("leansaas_cache_items", Double(held.items)),
            .init("leansaas_cache_bytes", Double(held.bytes)),
            .init("leansaas_cache_evictions_total", Double(held.evictions)),
            .init("leansaas_cache_hearing", hearing.isOpen ? 1 : 0),
            .init("leansaas_cache_untold", Double(untold.count)),
        ]
    }
}
