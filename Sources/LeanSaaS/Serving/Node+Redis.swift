import Platform
import Providers

extension Node {
    /// Tells when Redis is lost and when it is back, for as long as the node serves.
    func watchRedis(_ redis: any RedisStore) async {
        redis.start()
        let events = services.events
        var wasReachable = true
        for await isReachable in redis.reachability() where isReachable != wasReachable {
            wasReachable = isReachable
            if isReachable {
                events.emit(.sharedStoreBack, log: services.log)
            } else {
                let causes = redis.figures.compactMap { server, figures in figures.fault.map { "\(server): \($0)" } }
                events.emit(.sharedStoreLost, ["cause": causes.joined(separator: "; ")], log: services.log)
            }
        }
    }

    /// What is asked in the background, beside what the features ask.
    var checks: [HealthCheck] {
        guard let redis else { return product.checks }
        return product.checks + [
            HealthCheck("redis") { _ in
                do throws(SharedStoreFailure) {
                    try await redis.ping(within: .seconds(1))
                } catch {
                    throw RedisUnwell(failure: error, fault: redis.figures.lazy.compactMap(\.1.fault).first)
                }
            }
        ]
    }
}

/// Why the last question to Redis had no good answer.
private struct RedisUnwell: Error, CustomStringConvertible {
    let failure: SharedStoreFailure
    let fault: RedisFault?

    var description: String { fault.map { "\($0)" } ?? "\(failure)" }
}

/// A server's figures as metrics.
enum RedisSamples {
    static func of(_ figures: RedisFigures, server: String) -> [Metrics.Sample] {
        func sample(_ name: String, _ value: Int, _ labels: [String: String] = [:]) -> Metrics.Sample {
            Metrics.Sample("leansaas_redis_\(name)", Double(value), labels.merging(["server": server]) { $1 })
        }
        var samples = [
            sample("reachable", figures.isReachable ? 1 : 0),
            sample("connections_open", figures.connections),
            sample("waiting", figures.waiting),
            sample("commands_total", figures.commands),
            sample("refusals_total", figures.refusals),
            sample("timeouts_total", figures.timeouts),
            sample("overflows_total", figures.overflows),
            sample("unreachable_total", figures.unreachables),
            sample("repeats_total", figures.repeats),
            sample("connections_made_total", figures.connectionsMade),
            sample("connection_failures_total", figures.connectionFailures),
            sample("connections_lost_total", figures.connectionsLost),
            sample("losses_total", figures.losses),
            sample("recoveries_total", figures.recoveries),
        ]
        for share in [0.5, 0.95, 0.99] {
            samples.append(
                Metrics.Sample(
                    "leansaas_redis_command_seconds", figures.times.quantile(share),
                    ["quantile": "\(share)", "server": server]))
        }
        return samples
    }
}
