import Foundation
import LeanSaaS

/// A program that a test starts, and that is reaped when it ends.
///
/// As the product starts PostgreSQL: Foundation's `Process` crashes now and then while it lists a thousand open descriptors, which a
/// process has whose tests run side by side.
package final class ChildProcess: Sendable {
    private let process: ServerProcess

    /// - Parameters:
    ///   - program: a path, or a name that is looked for in PATH.
    ///   - environment: all that it is given.
    ///   - directory: where it runs.
    ///   - output: the file that it writes to, made anew; so is that of `errors`.
    package init(
        _ program: String, _ arguments: [String], environment: [String: String], in directory: String,
        output: String = "/dev/null", errors: String = "/dev/null"
    ) throws {
        let script = #"cd "$1" && exec >"$2" 2>"$3" && shift 3 && exec env -i "$@""#
        let ourselves = ServerUser(user: geteuid(), group: getegid(), name: "")
        process = try ServerProcess(
            "/bin/sh",
            ["-c", script, "sh", directory, output, errors] + environment.map { "\($0)=\($1)" } + [program] + arguments,
            as: ourselves, log: "/dev/null")
    }

    package var id: pid_t { process.id }

    package var isRunning: Bool { process.ended == nil }

    /// Its exit status, or 128 and the signal that ended it, as a shell says it; nil while it runs.
    package var status: Int32? {
        process.ended.map { code in
            let signal = code & 0x7F
            return signal == 0 ? (code >> 8) & 0xFF : 128 + signal
        }
    }
}
