import ArgumentParser
import Features
import Platform

extension SigningAlgorithm: ExpressibleByArgument {}

/// `leansaas keys rotate`: from now on another pair signs; what was signed before stays good until it expires.
struct Rotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate", abstract: "Put the standby key in use, or a new one, on all nodes.")
    @OptionGroup var options: DataOptions
    @Option(help: "Of a new key: ES256, RS256 or EdDSA.")
    var algorithm: SigningAlgorithm?

    func run() async throws {
        let algorithm = algorithm
        try await options.withNode(changing: "keys rotate") { node in
            let key = try await SigningKeyRotation.rotate(algorithm, node.services)
            Terminal.say("\(key.id)  \(key.algorithm.rawValue)  in use")
        }
    }
}

/// `leansaas keys standby`: publishes the pair that the next `rotate` puts in use.
struct Standby: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "standby", abstract: "Make and publish the key that the next rotation puts in use.")
    @OptionGroup var options: DataOptions
    @Option(help: "ES256, RS256 or EdDSA.")
    var algorithm = SigningAlgorithm.es256

    func run() async throws {
        let algorithm = algorithm
        try await options.withNode(changing: "keys standby") { node in
            let key = try await SigningKeyRotation.prepare(algorithm, node.services)
            Terminal.say("\(key.id)  \(key.algorithm.rawValue)  standby")
        }
    }
}

/// `leansaas keys list`.
struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the signing keys.")
    @OptionGroup var options: DataOptions

    func run() async throws {
        try await options.withNode { node in
            let keys = try await SigningKeyRotation.list(node.services)
            for key in keys { Terminal.say("\(key.id)  \(key.algorithm.rawValue)  \(key.status.rawValue)") }
            if keys.isEmpty { Terminal.say("JWT_SECRET signs (HS256); `leansaas keys rotate` makes a key pair.") }
        }
    }
}

/// `leansaas keys revoke KID`.
struct Revoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Refuse what a key signed, from now on and on all nodes.")
    @OptionGroup var options: DataOptions
    @Argument(help: "The key's id.")
    var id: String

    func run() async throws {
        let id = id
        try await options.withNode(changing: "keys revoke") { try await SigningKeyRotation.revoke(id, $0.services) }
        Terminal.say("\(id)  revoked")
    }
}

/// `leansaas keys retire KID`: a key whose tokens have expired.
struct Retire: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retire",
        abstract: "Take a key away that was rotated out, once the tokens that it signed have expired.")
    @OptionGroup var options: DataOptions
    @Argument(help: "The key's id.")
    var id: String
    @Flag(help: "Also while its tokens may live: they are refused then.")
    var force = false

    func run() async throws {
        let (id, when) = (id, force ? SigningKeyRotation.Retirement.atOnce : .afterItsTokens)
        try await options.withNode(changing: "keys retire") {
            try await SigningKeyRotation.retire(id, when, $0.services)
        }
        Terminal.say("\(id)  retired")
    }
}

/// `leansaas keys reseal`: after ENCRYPTION_KEY has changed.
struct Reseal: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reseal", abstract: "Seal under ENCRYPTION_KEY what is sealed under an earlier one.")
    @OptionGroup var options: DataOptions

    /// Most rows that are named of a column.
    private static let namesLimit = 1_000

    func run() async throws {
        let isWhole = try await options.withNode(changing: "keys reseal") { node in
            var isWhole = true
            for column in node.product.features.flatMap(\.schema.sealed) {
                let done = try await column.reseal(with: node.services.keyRing, on: node.services.platform)
                Self.tell(column.name, done)
                isWhole = isWhole && done.isWhole
            }
            return isWhole
        }
        if !isWhole { throw ExitCode.failure }
    }

    private static func tell(_ column: String, _ done: Resealing) {
        Terminal.say("\(column)  \(done.count) sealed anew")
        for refused in done.refused.prefix(namesLimit) {
            Terminal.complain("\(column)  \(refused.row) does not open: \(refused.refusal)")
        }
        if done.refused.count > namesLimit {
            Terminal.complain("\(column)  and \(done.refused.count - namesLimit) more do not open")
        }
        if done.changing > 0 {
            Terminal.complain(
                "\(column)  \(done.changing) are being changed under an earlier key: restart the nodes with the new one, "
                    + "and repeat this")
        }
    }
}
