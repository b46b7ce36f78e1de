import Codecs
import Threads

/// How this node's jobs do, by kind.
final class JobFigures: Sendable {
    private struct Counts: Sendable {
        var done = 0
        var failed = 0
        var dead = 0
        var running = 0
        /// Seconds from due to begun.
        var waits = Histogram.latencies
    }

    private let counts = Locked<[String: Counts]>([:])

    func noteStart(_ job: TakenJob) {
        change(job.kind) { counts in
            counts.running += 1
            counts.waits.record(job.waited)
        }
    }

    func noteEnd(_ kind: String) { change(kind) { $0.running -= 1 } }

    func noteDone(_ kind: String) { change(kind) { $0.done += 1 } }

    func noteFailure(_ kind: String) { change(kind) { $0.failed += 1 } }

    func noteDeath(_ kind: String) { change(kind) { $0.dead += 1 } }

    private func change(_ kind: String, _ change: (inout Counts) -> Void) {
        counts.withLock { change(&$0[kind, default: Counts()]) }
    }

    var samples: [Metrics.Sample] {
        counts.withLock { $0 }.sorted { $0.key < $1.key }.flatMap { kind, counts in
            [
                Metrics.Sample("leansaas_jobs_done_total", Double(counts.done), ["kind": kind]),
                Metrics.Sample("leansaas_jobs_failed_total", Double(counts.failed), ["kind": kind]),
                Metrics.Sample("leansaas_jobs_dead_total", Double(counts.dead), ["kind": kind]),
                Metrics.Sample("leansaas_jobs_running", Double(counts.running), ["kind": kind]),
            ]
                + [0.5, 0.99].map {
                    Metrics.Sample(
                        "leansaas_jobs_start_seconds", counts.waits.quantile($0), ["kind": kind, "quantile": "\($0)"])
                }
        }
    }
}
