import ArgumentParser
import Platform

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `leansaas mail texts`: what letters say, as files that an operator may change.
struct MailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mail", abstract: "Write the texts of letters, to be changed.", subcommands: [Texts.self])

    struct Texts: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "texts",
            abstract: "Write the text of each letter in each language into a folder, for MAIL_TEXTS_DIR.")

        @Argument(help: "The folder, which is made where it is not there. Default: MAIL_TEXTS_DIR.")
        var folder: String?

        @Flag(help: "Write over files that are there.")
        var force = false

        func run() async throws {
            do {
                let sources = try SettingSources.load(directory: Terminal.directory, environment: Terminal.environment)
                let configuration = Configuration(sources, LeanSaaS.features)
                guard let folder = folder ?? configuration.server.mail.folder else {
                    throw NotReady(reasons: ["say a folder, or set MAIL_TEXTS_DIR"])
                }
                let files = configuration.features.flatMap(\.letters).flatMap(\.files)
                try write(files, into: folder)
                Terminal.say("\(files.count) texts are in \(folder)")
            } catch {
                throw Terminal.failure(error)
            }
        }

        /// All, or none where one is there already.
        private func write(_ files: [(name: String, text: String)], into folder: String) throws {
            let there = files.map { folder + "/" + $0.name }.filter { FileManager.default.fileExists(atPath: $0) }
            guard force || there.isEmpty else {
                throw NotReady(reasons: there.map { "\($0) is there already; --force writes over it" })
            }
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for file in files {
                try Data(file.text.utf8).write(to: URL(fileURLWithPath: folder + "/" + file.name), options: .atomic)
            }
        }
    }
}
