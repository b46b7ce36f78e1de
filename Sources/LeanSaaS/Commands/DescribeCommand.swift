import ArgumentParser
import Codecs
import Platform

/// `leansaas describe`: what the product is made of, from the values that the server runs.
struct DescribeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe",
        abstract:
            "Print settings, problems, permissions, events, routes or the OpenAPI document, as the docs have them.")

    enum Subject: String, ExpressibleByArgument, CaseIterable {
        case settings, problems, permissions, events, routes, openapi
    }

    @Argument(help: "settings, problems, permissions, events, routes (Markdown) or openapi (JSON).")
    var subject: Subject

    @Flag(help: "For programs: JSON.")
    var json = false

    func run() async throws {
        do {
            let sources = try SettingSources.load(directory: Terminal.directory, environment: Terminal.environment)
            let configuration = Configuration(sources, LeanSaaS.features)
            let product = try Product(configuration.features)
            Terminal.say(json ? OpenAPI.pretty(value(product, configuration)) : text(product, configuration))
        } catch {
            throw Terminal.failure(error)
        }
    }

    private func text(_ product: Product, _ configuration: Configuration) -> String {
        switch subject {
        case .settings: SettingsPage.render(configuration.report)
        case .problems: ProblemPage.render(product)
        case .permissions: PermissionPage.render(product)
        case .events: EventPage.render(product)
        case .routes: RoutePage.render(product)
        case .openapi: OpenAPI.pretty(value(product, configuration))
        }
    }

    private func value(_ product: Product, _ configuration: Configuration) -> JSON {
        switch subject {
        case .settings: SettingsPage.json(configuration.report)
        case .problems: ProblemPage.json(product)
        case .permissions: PermissionPage.json(product)
        case .events: EventPage.json(product)
        case .routes: RoutePage.json(product)
        case .openapi:
            OpenAPI.document(product, version: Version.number, url: configuration.basics.apiURL)
        }
    }
}
