import ArgumentParser
import Platform

/// `leansaas routes`: every address, its method and who may call it.
struct RoutesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "routes", abstract: "List all routes and who may call them.")

    func run() async throws {
        do {
            let sources = SettingSources(environment: [:], dotenv: nil, toml: nil)
            let product = try Product(Configuration(sources, LeanSaaS.features).features)
            Terminal.say(RouteList.text(product))
        } catch {
            throw Terminal.failure(error)
        }
    }
}
