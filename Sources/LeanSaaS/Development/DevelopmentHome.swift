import Codecs
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

/// The directory of a development installation: its database, its secrets, and where it was last reached.
struct DevelopmentHome: Sendable {
    let directory: String

    var exists: Bool { FileManager.default.fileExists(atPath: secretsFile) }

    private var secretsFile: String { directory + "/secrets.json" }

    /// Read by others on this machine? 0600 from the moment it is there.
    private static let ownerOnly: Int = 0o600

    /// The secrets, made at first use. The marks `dev_` keep them out of production.
    func secrets() async throws -> DevelopmentSecrets {
        if exists {
            var secrets = try DevelopmentSecrets(reading: try Data(contentsOf: URL(fileURLWithPath: secretsFile)))
            // An installation of before there were sealed columns.
            if secrets.encryptionKey.isEmpty {
                secrets.encryptionKey = DevelopmentSecrets.randomSecret()
                try write(secrets.text, to: secretsFile)
            }
            return secrets
        }
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o711])
        let secrets = try await DevelopmentSecrets.made()
        try write(secrets.text, to: secretsFile)
        return secrets
    }

    /// Notes where the installation is served now, for `leansaas keys`.
    func note(url: String) throws {
        try write(url, to: directory + "/url")
    }

    /// - Throws: `NotReady` when `leansaas dev` has never run here.
    func keys() throws -> ClientKeys {
        guard exists else { throw NotReady.noInstallation(directory) }
        let secrets = try DevelopmentSecrets(reading: try Data(contentsOf: URL(fileURLWithPath: secretsFile)))
        let noted = directory + "/url"
        let url =
            FileManager.default.fileExists(atPath: noted)
            ? String(decoding: try Data(contentsOf: URL(fileURLWithPath: noted)), as: UTF8.self)
            : "http://localhost:54321"
        return ClientKeys(url: url, anon: secrets.anonKey, service: secrets.serviceKey)
    }

    /// A new file under another name, closed to others before it holds anything, then put in place at once.
    private func write(_ text: String, to path: String) throws {
        let draft = path + ".\(UUID().uuidString)"
        guard
            FileManager.default.createFile(
                atPath: draft, contents: Data(), attributes: [.posixPermissions: Self.ownerOnly])
        else { throw NotReady(reasons: ["\(draft) cannot be written"]) }
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: draft))
            guard rename(draft, path) == 0 else { throw NotReady(reasons: ["\(path) cannot be written"]) }
        } catch {
            try FileManager.default.removeItem(atPath: draft)
            throw error
        }
    }
}

/// What `leansaas dev` makes up once for an installation.
struct DevelopmentSecrets: Sendable {
    let tokenSecret: String
    let anonKey: String
    let serviceKey: String
    let operatorPassword: String
    var encryptionKey: String

    static let operatorEmail = "operator@localhost"

    static func made() async throws -> DevelopmentSecrets {
        let secret = randomSecret()
        var read = SettingReader(sources: SettingSources(environment: ["JWT_SECRET": secret], dotenv: nil, toml: nil))
        let keys = try await ClientKeys.made(Basics(&read), now: WallClock.system.now())
        return DevelopmentSecrets(
            tokenSecret: secret, anonKey: keys.anon, serviceKey: keys.service,
            operatorPassword: Hex.encode((0..<8).map { _ in UInt8.random(in: .min ... .max) }),
            encryptionKey: randomSecret())
    }

    /// Of 256 bits, with the mark that keeps it out of production.
    static func randomSecret() -> String {
        "dev_" + Hex.encode((0..<32).map { _ in UInt8.random(in: .min ... .max) })
    }

    private init(
        tokenSecret: String, anonKey: String, serviceKey: String, operatorPassword: String, encryptionKey: String
    ) {
        self.tokenSecret = tokenSecret
        self.anonKey = anonKey
        self.serviceKey = serviceKey
        self.operatorPassword = operatorPassword
        self.encryptionKey = encryptionKey
    }

    init(reading data: Data) throws {
        let json = try JSON(parsing: Array(data))
        guard let secret = json["jwtSecret"]?.string, let anon = json["anonKey"]?.string,
            let service = json["serviceRoleKey"]?.string, let password = json["operatorPassword"]?.string
        else { throw NotReady(reasons: ["the development secrets are damaged; remove the file to make new ones"]) }
        self.init(
            tokenSecret: secret, anonKey: anon, serviceKey: service, operatorPassword: password,
            encryptionKey: json["encryptionKey"]?.string ?? "")
    }

    var text: String {
        let json: JSON = [
            "jwtSecret": .string(tokenSecret), "anonKey": .string(anonKey), "serviceRoleKey": .string(serviceKey),
            "operatorPassword": .string(operatorPassword), "encryptionKey": .string(encryptionKey),
        ]
        return json.text
    }
}
