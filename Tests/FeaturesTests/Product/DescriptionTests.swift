import Codecs
import Features
import Foundation
import LeanSaaS
import Platform
import TestKit
import Testing

/// The OpenAPI document, looked at as a whole. That the server keeps to it is checked wherever tests send requests.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct DescriptionTests {
    /// Where metrics are not open, so that nothing of the document depends on development.
    private static let settings = [
        "NODE_ENV": "staging", "SMTP_HOST": "127.0.0.1",
        "METRICS_TOKEN": String(repeating: "0123456789abcdef", count: 4),
    ]

    private struct Operation {
        let path: String
        let method: String
        let body: JSON

        var name: String { "\(method) \(path)" }
        var responses: [(status: String, body: JSON)] { (body["responses"]?.object ?? [:]).map { ($0.key, $0.value) } }
    }

    private func declared() async throws -> Declared {
        Declared(try await TestNode.make(settings: Self.settings).product)
    }

    private func operations(_ declared: Declared) -> [Operation] {
        (declared.document["paths"]?.object ?? [:]).flatMap { path, item in
            (item.object ?? [:]).map { Operation(path: path, method: $0.key, body: $0.value) }
        }
    }

    /// The values of `example` and `examples`.
    private func examples(_ holder: JSON, _ declared: Declared) -> [JSON] {
        let named = (holder["examples"]?.object ?? [:]).compactMap { declared.schemas.resolved($0.value)["value"] }
        return [holder["example"]].compactMap { $0 } + named
    }

    @Test func `whatever is asked and answered has examples, and each fits its schema`() async throws {
        let declared = try await declared()
        for operation in operations(declared) {
            for parameter in operation.body["parameters"]?.array ?? [] where parameter["required"] == true {
                #expect(parameter["example"] != nil, "\(operation.name)")
            }
            var holders: [(String, JSON)] = []
            for (media, content) in operation.body["requestBody"]?["content"]?.object ?? [:] {
                holders.append(("the request's \(media)", content))
            }
            for (status, response) in operation.responses {
                for (media, content) in response["content"]?.object ?? [:] {
                    holders.append(("\(status) \(media)", content))
                }
            }
            for (place, content) in holders {
                let examples = examples(content, declared)
                #expect(!examples.isEmpty, "\(operation.name) \(place) has no example")
                for example in examples {
                    let faults = declared.schemas.faults(example, content["schema"] ?? .null)
                    #expect(faults == [], "\(operation.name) \(place)")
                }
            }
            for parameter in operation.body["parameters"]?.array ?? [] {
                for example in examples(parameter, declared) {
                    #expect(declared.schemas.faults(example, parameter["schema"] ?? .null) == [], "\(operation.name)")
                }
            }
        }
    }

    @Test func `each declared code has its example, and no other code`() async throws {
        let declared = try await declared()
        for operation in operations(declared) {
            for (status, response) in operation.responses {
                guard let codes = response["x-codes"]?.array else { continue }
                let examples = examples(response["content"]?["application/json"] ?? .null, declared)
                let shown = examples.map { $0["error"]?["code"] ?? $0["error_code"] ?? .null }
                #expect(Set(shown) == Set(codes), "\(operation.name) \(status)")
            }
        }
    }

    @Test func `operations have names that every language can spell, none twice`() async throws {
        let operations = operations(try await declared())
        let names = operations.compactMap { $0.body["operationId"]?.string }
        #expect(names.count == operations.count)
        #expect(Set(names).count == names.count)
        for name in names {
            #expect(name.wholeMatch(of: /[a-z][a-z0-9]*(_[a-z0-9]+)*/) != nil, "\(name)")
        }
        #expect(names.contains("auth_jwks"))
        #expect(names.contains("notes_list"))
        #expect(names.contains("auth_get_user"))
    }

    @Test func `headers are declared where the server sends them`() async throws {
        let declared = try await declared()
        let wanted = [
            "401": "WWW-Authenticate", "405": "Allow", "503": "Retry-After", "429": "Retry-After", "304": "ETag",
        ]
        for operation in operations(declared) {
            for (status, response) in operation.responses {
                let headers = response["headers"]?.object ?? [:]
                #expect(headers["X-Request-ID"] != nil, "\(operation.name) \(status)")
                if let name = wanted[status] { #expect(headers[name] != nil, "\(operation.name) \(status) \(name)") }
            }
            let isKept = operation.body["responses"]?["304"] != nil
            #expect((operation.body["responses"]?["200"]?["headers"]?["ETag"] != nil) == isKept, "\(operation.name)")
        }
    }

    @Test func `every token has a scheme of its own, and every scheme that is named is there`() async throws {
        let declared = try await declared()
        let schemes = declared.document["components"]?["securitySchemes"]?.object ?? [:]
        for operation in operations(declared) {
            for choice in operation.body["security"]?.array ?? [] {
                for name in choice.object?.keys ?? [] { #expect(schemes[name] != nil, "\(operation.name) \(name)") }
            }
        }
        #expect(declared.operation("GET", "/metrics")?["security"] == [["metricsToken": []]])
        #expect(declared.operation("GET", "/auth/v1/user")?["security"] == [["bearer": []]])
        #expect(declared.operation("GET", "/livez")?["security"] == [[:], ["apikey": []]])
    }

    @Test func `every refusal that a feature names is one that some route declares`() async throws {
        let declared = try await declared()
        var codes: Set<String> = []
        for operation in operations(declared) {
            for (_, response) in operation.responses {
                codes.formUnion((response["x-codes"]?.array ?? []).compactMap(\.string).map { $0.uppercased() })
            }
        }
        for file in try Sources.files(under: "Features") {
            for match in file.text.matches(of: /ProblemKind\(\s*"([A-Za-z_]+)"/) {
                #expect(codes.contains(match.1.uppercased()), "\(file.path): \(match.1)")
            }
        }
    }
}

/// What `leansaas describe … --json` prints.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct DescribeJSONTests {
    /// The words in backticks that begin the rows of a Markdown table, or stand in its column.
    private func words(_ page: String, column: Int) -> Set<String> {
        Set(
            page.split(separator: "\n").filter { $0.hasPrefix("|") }.compactMap { row in
                let cells = row.split(separator: "|")
                guard cells.count > column else { return nil }
                return cells[column].firstMatch(of: /`([^`]+)`/).map { String($0.1) }
            })
    }

    private func names(_ list: JSON, _ key: String) -> Set<String> {
        Set((list.array ?? []).compactMap { $0[key]?.string })
    }

    @Test func `programs are told the same as people`() async throws {
        let node = try await TestNode.make()
        let product = node.product
        let report = node.services.settings
        #expect(names(SettingsPage.json(report), "name") == words(SettingsPage.render(report), column: 0))
        #expect(names(ProblemPage.json(product), "code") == words(ProblemPage.render(product), column: 1))
        #expect(names(PermissionPage.json(product), "name") == words(PermissionPage.render(product), column: 0))
        #expect(names(EventPage.json(product), "name") == words(EventPage.render(product), column: 0))
        let routes = (RoutePage.json(product).array ?? []).map {
            "\($0["method"]?.string ?? "") \($0["path"]?.string ?? "")"
        }
        #expect(Set(routes) == words(RoutePage.render(product), column: 0))
    }

    @Test func `no secret stands in the settings`() async throws {
        let report = try await TestNode.make().services.settings
        #expect(!SettingsPage.json(report).text.contains(TestNode.secret))
        #expect(!SettingsPage.json(report).text.contains(TestNode.encryptionKey))
    }
}
