/// What Prometheus is told of limits.
extension Limits {
    var samples: [Metrics.Sample] {
        let (rules, memory) = (all, memory.figures(now: now))
        var samples = rules.map {
            Metrics.Sample("leansaas_limits_admitted_total", Double($0.admitted), ["limit": $0.name])
        }
        samples += rules.map { .init("leansaas_limits_refused_total", Double($0.refused), ["limit": $0.name]) }
        samples += [
            .init("leansaas_limits_windows", Double(memory.windows)),
            .init("leansaas_limits_blocks", Double(memory.blocks)),
            .init("leansaas_limits_memory_bytes", Double(memory.bytes)),
            .init("leansaas_limits_evictions_total", Double(memory.evictions)),
        ]
        guard shared != nil else { return samples }
        samples += [
            .init("leansaas_limits_alone", degradation.isAlone ? 1 : 0),
            .init("leansaas_limits_nodes", Double(degradation.nodes)),
            .init("leansaas_limits_ahead_total", Double(arrears.total)),
            .init("leansaas_limits_unheard", Double(arrears.count)),
        ]
        let times = storeTimes.withLock { $0 }
        for share in [0.5, 0.95, 0.99] {
            samples.append(.init("leansaas_limits_store_seconds", times.quantile(share), ["quantile": "\(share)"]))
        }
        return samples
    }
}
