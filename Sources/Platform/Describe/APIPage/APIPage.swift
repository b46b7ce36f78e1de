import Codecs

/// The API as a page for people, made from the routes. It needs nothing from elsewhere, no script and no inline style.
struct APIPage {
    private let product: Product
    private let url: String
    private let version: String
    private let operations: Operations
    private let failures: Failures

    init(_ product: Product, version: String, url: String) {
        self.product = product
        self.version = version
        self.url = url
        operations = Operations(product)
        failures = Failures(product)
    }

    /// - Parameter style: the address of the style sheet.
    func html(style: String) -> String {
        let features = product.features.filter { !$0.routes.isEmpty }
        return HTML.element(
            "html", ["lang": "en"],
            [
                head(style),
                .element(
                    "body",
                    [
                        .element("a", ["class": "skip", "href": "#content"], "Skip to the routes"),
                        header,
                        .element(
                            "div", ["class": "page"],
                            [
                                navigation(features),
                                .element("main", ["id": "content"], [introduction] + features.map(section)),
                            ]),
                    ]),
            ]
        ).document
    }

    private func head(_ style: String) -> HTML {
        .element(
            "head",
            [
                .void("meta", ["charset": "utf-8"]),
                .void("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
                .void("meta", ["name": "color-scheme", "content": "light dark"]),
                .element("title", "Lean SaaS API"),
                .void("link", ["rel": "stylesheet", "href": style]),
            ])
    }

    private var header: HTML {
        .element(
            "header",
            [
                .element("p", ["class": "brand"], "Lean SaaS"),
                .element("p", ["class": "version"], .text("API · \(version)")),
            ])
    }

    private func navigation(_ features: [Feature]) -> HTML {
        .element(
            "nav", ["aria-label": "Routes"],
            features.map { feature in
                .element("h2", .text(feature.name))
                    + .element(
                        "ul",
                        feature.routes.filter { !$0.isAsset }.map { route in
                            .element(
                                "li",
                                .element(
                                    "a", ["href": "#" + operations.id(of: route)],
                                    [method(route), .element("span", .text(name(of: route)))]))
                        })
            })
    }

    private var introduction: HTML {
        .element(
            "section", ["class": "introduction"],
            [
                .element("h1", "API reference"),
                .element(
                    "p",
                    [
                        "Everything is served at ", .element("code", .text(url)), ". Who is signed in sends ",
                        .element("code", "Authorization: Bearer …"),
                        " with the access token that the sign-in answered. The same as a document for programs: ",
                        .element("a", ["href": "/openapi.json"], "openapi.json"), ".",
                    ]),
            ])
    }

    private func section(_ feature: Feature) -> HTML {
        .element(
            "section", ["aria-label": feature.name],
            [.element("h2", .text(feature.name))] + feature.routes.filter { !$0.isAsset }.map(article))
    }

    private func article(_ route: Route) -> HTML {
        let id = operations.id(of: route)
        return .element(
            "article", ["id": id, "aria-labelledby": id + "-title"],
            [
                .element(
                    "h3", ["id": id + "-title"],
                    [method(route), .element("code", .text(route.path))]),
                .element("p", ["class": "summary"], .prose(route.summary + ".")),
                .element("p", ["class": "access"], .prose(Operations.description(of: route))),
                inputs(route), .element("h4", "Try it"), code(CurlExample.text(route, url: url)), success(route),
                refusals(route),
            ])
    }

    private func method(_ route: Route) -> HTML {
        let name = route.method.rawValue
        return .element("span", ["class": "method " + name.lowercased()], .text(name))
    }

    private func name(of route: Route) -> String {
        let words = route.path.split(separator: "/")
        let isSurface = words.count > 2 && words[1] == "v1"
        return isSurface ? words.dropFirst(2).joined(separator: "/") : route.path
    }

    private func code(_ text: String) -> HTML {
        .element("pre", ["tabindex": "0"], .element("code", .text(text)))
    }
}

// MARK: - What goes in and out

extension APIPage {
    private func inputs(_ route: Route) -> HTML {
        if let raw = route.rawBody { return .element("h4", "Input") + .element("p", .prose(raw.doc)) }
        guard !route.inputs.isEmpty else { return .nothing }
        let rows = route.inputs.flatMap { inputRows($0.name, $0.place, $0.schema) }
        return .element("h4", "Input") + table(["Field", "Where", "Type", "What it is"], rows, named: "Input")
    }

    /// A field, and behind an object its members: `preferences.theme`.
    private func inputRows(_ name: String, _ place: FieldPlace, _ schema: FieldSchema) -> [HTML] {
        let row = HTML.element(
            "tr",
            [
                .element("th", ["scope": "row"], .element("code", .text(name))),
                .element("td", .text(place.rawValue + (schema.isRequired ? ", required" : ""))),
                .element("td", .text(Self.bounds(schema))),
                .element("td", .prose(schema.doc)),
            ])
        return [row] + schema.members.flatMap { inputRows("\(name).\($0.name)", place, $0.schema) }
    }

    private func table(_ titles: [String], _ rows: [HTML], named name: String) -> HTML {
        let head = HTML.element(
            "thead", .element("tr", titles.map { .element("th", ["scope": "col"], .text($0)) }))
        return .element(
            "div",  // A group, not a region: a page of hundreds of landmarks has none.
            ["class": "table", "tabindex": "0", "role": "group", "aria-label": name],
            .element("table", [head, .element("tbody", rows)]))
    }

    private static func bounds(_ schema: FieldSchema) -> String {
        var text = schema.format ?? schema.type
        if !schema.choices.isEmpty { text = schema.choices.joined(separator: ", ") }
        if let least = schema.minimum, let most = schema.maximum {
            text += schema.type == "string" ? ", \(least) to \(most) characters" : ", \(least) to \(most)"
        } else if let most = schema.maximum {
            text += ", at most \(most) bytes"
        }
        if let fallback = schema.fallback { text += "; else \(fallback.text)" }
        return text
    }

    private func success(_ route: Route) -> HTML {
        guard let success = route.success else { return .nothing }
        var parts: [HTML] = [.element("h4", .text("Answer \(success.status)"))]
        if let type = success.type {
            parts.append(code(Outline.text(of: type)))
            let example = PrettyJSON.text(Examples.value(of: type))
            parts.append(.element("details", [.element("summary", "Example"), code(String(example.dropLast()))]))
        } else {
            parts.append(.element("p", .text(success.media ?? "Without a body.")))
        }
        return parts.reduce(.nothing, +)
    }

    private func refusals(_ route: Route) -> HTML {
        let rows = failures.byStatus(of: route).flatMap { status, kinds in
            kinds.map { kind in
                HTML.element(
                    "tr",
                    [
                        .element("td", .text(String(status))),
                        .element("td", .element("code", .text(kind.code(on: route.surface)))),
                        .element("td", .prose(kind.title)),
                    ])
            }
        }
        return .element(
            "details",
            [
                .element("summary", .text("Refusals")),
                table(["Status", "Code", "Sentence"], rows, named: "Refusals"),
            ])
    }
}
