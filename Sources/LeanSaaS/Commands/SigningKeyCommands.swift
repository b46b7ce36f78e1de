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
        try await options.withNode { node in
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
        try await options.withNode { node in
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
        try await options.withNode { try await SigningKeyRotation.revoke(id, $0.services) }
        Terminal.say("\(id)  revoked")
    }
}

/// `leansaas keys reseal`: after ENCRYPTION_KEY has changed.
struct Reseal: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reseal", abstract: "Seal under ENCRYPTION_KEY what is sealed under an earlier one.")
    @OptionGroup var options: DataOptions

    func run() async throws {
        try await options.withNode { node in
            for column in node.product.features.flatMap(\.schema.sealed) {
                let count = try await column.reseal(with: node.services.keyRing, on: node.services.platform)
                Terminal.say("\(column.name)  \(count) sealed anew")
            }
        }
    }
}
