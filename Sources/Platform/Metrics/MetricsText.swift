import Codecs

/// Prometheus' text exposition format, version 0.0.4.
struct MetricsText {
    private(set) var text = ""

    mutating func header(_ name: String, _ type: String) {
        text += "# TYPE \(name) \(type)\n"
    }

    mutating func line(_ name: String, _ labels: [String: String], _ value: Double) {
        text += "\(name)\(Self.labels(labels)) \(Self.number(value))\n"
    }

    mutating func requests(_ routes: [RouteMetrics.Snapshot]) {
        let used = routes.filter { $0.times.count > 0 }
        header("leansaas_http_requests_total", "counter")
        for route in used {
            for (status, count) in route.byStatus.sorted(by: { $0.key < $1.key }) {
                let labels = ["method": route.method, "route": route.route, "status": "\(status)"]
                line("leansaas_http_requests_total", labels, Double(count))
            }
        }
        header("leansaas_http_request_duration_seconds", "histogram")
        for route in used {
            histogram(
                "leansaas_http_request_duration_seconds", ["method": route.method, "route": route.route], route.times)
        }
    }

    mutating func histogram(_ name: String, _ labels: [String: String], _ histogram: Histogram) {
        var cumulative = 0
        for (bound, count) in zip(histogram.bounds, histogram.counts) {
            cumulative += count
            line("\(name)_bucket", labels.merging(["le": Self.number(bound)]) { $1 }, Double(cumulative))
        }
        line("\(name)_bucket", labels.merging(["le": "+Inf"]) { $1 }, Double(histogram.count))
        line("\(name)_sum", labels, histogram.sum)
        line("\(name)_count", labels, Double(histogram.count))
    }

    /// Lines of one name stand together, as the format asks, in the order in which the names come first.
    mutating func samples(_ samples: [Metrics.Sample]) {
        var names: [String] = []
        let byName = Dictionary(grouping: samples, by: \.name)
        for sample in samples where !names.contains(sample.name) { names.append(sample.name) }
        for name in names {
            header(name, name.hasSuffix("_total") ? "counter" : "gauge")
            for sample in byName[name] ?? [] { line(name, sample.labels, sample.value) }
        }
    }

    static func labels(_ labels: [String: String]) -> String {
        guard !labels.isEmpty else { return "" }
        let pairs = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(escaped($0.value))\"" }
        return "{" + pairs.joined(separator: ",") + "}"
    }

    private static func escaped(_ value: String) -> String {
        var result = ""
        for character in value {
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.append(character)
            }
        }
        return result
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && value.magnitude < 1e15 ? String(Int(value)) : "\(value)"
    }
}
