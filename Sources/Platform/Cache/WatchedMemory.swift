/// A memory beside the cache whose rules are stricter than the cache's: sessions are believed under the lease alone, tokens
/// until their keys change. Its figures stand among the cache's.
public struct WatchedMemory: Sendable {
    /// Lower case and underscores: `sessions`. Shown in metrics as a strategy.
    package let name: String
    package let figures: @Sendable () -> MemoryFigures

    package init(_ name: String, _ figures: @escaping @Sendable () -> MemoryFigures) {
        self.name = name
        self.figures = figures
    }
}

/// What a memory holds at this moment, and what it did since the start.
package struct MemoryFigures: Sendable, Equatable {
    package var items = 0
    package var hits = 0
    package var misses = 0
    package var evictions = 0
}

extension WatchedMemory {
    var samples: [Metrics.Sample] {
        let (found, labels) = (figures(), ["strategy": name, "layer": "memory"])
        return [
            Metrics.Sample("leansaas_cache_hits_total", Double(found.hits), labels),
            Metrics.Sample("leansaas_cache_misses_total", Double(found.misses), labels),
            Metrics.Sample("leansaas_cache_watched_items", Double(found.items), ["strategy": name]),
            Metrics.Sample("leansaas_cache_watched_evictions_total", Double(found.evictions), ["strategy": name]),
        ]
    }
}
