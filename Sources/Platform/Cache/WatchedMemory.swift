/// A memory beside the cache whose rules are stricter than the cache's: sessions are believed under the lease alone, tokens
/// until their keys change. Its figures stand beside the cache's.
public struct WatchedMemory: Sendable {
    /// Lower case and underscores: `sessions`. Shown in metrics.
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
        let (found, labels) = (figures(), ["memory": name])
        return [
            Metrics.Sample("leansaas_memory_hits_total", Double(found.hits), labels),
            Metrics.Sample("leansaas_memory_misses_total", Double(found.misses), labels),
            Metrics.Sample("leansaas_memory_items", Double(found.items), labels),
            Metrics.Sample("leansaas_memory_evictions_total", Double(found.evictions), labels),
        ]
    }
}
