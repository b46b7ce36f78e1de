import ArgumentParser
import Logging
import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What commands read and print.
enum Terminal {
    static func say(_ text: String) {
        print(text)
        fflush(nil)
    }

    static func complain(_ text: String) {
        var line = text + "\n"
        line.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
    }

    /// Ends the command with status 1, after the sentence.
    static func failure(_ error: any Error) -> ExitCode {
        // A command that has said itself what is wrong, and how it ends.
        if let code = error as? ExitCode { return code }
        complain(sentence(error))
        return .failure
    }

    private static func sentence(_ error: any Error) -> String {
        switch error {
        case let problem as Problem: problem.message
        // No such table, no such schema.
        case DatabaseError.server(let error) where ["42P01", "3F000"].contains(error.state.code):
            "the database is not migrated: run `leansaas migrate up`"
        default: "\(error)"
        }
    }

    static var directory: String {
        FileManager.default.currentDirectoryPath
    }

    static var environment: [String: String] {
        ProcessInfo.processInfo.environment
    }
}

extension LogSettings {
    /// The program's logger, and the sink to flush before the process ends.
    func logger() -> (Logger, LogSink) {
        let sink = LogSink(descriptor: 1)
        let (format, level) = (format, level)
        let log = Logger(label: "leansaas") { _ in LogLines(sink: sink, format: format, level: level) }
        return (log, sink)
    }
}
