import ArgumentParser
import Logging
import Platform

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
        complain((error as? Problem)?.message ?? "\(error)")
        return .failure
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
