import Platform

extension Core {
    /// The addresses at which the product describes itself; none when API_DOCS_ENABLED is off.
    var descriptionRoutes: [Route] {
        let pages = PageStyle.route(cacheControl: assetCacheControl)
        guard describesItself else { return [pages] }
        return [
            pages,
            .get("/openapi.json", .public, "The API as an OpenAPI 3.1 document", openAPI)
                .answers(.json(.object.example(["openapi": "3.1.0", "paths": [:]]), kept: true)).named("openapi")
                .duringMaintenance(),
            .get("/docs", .public, "The API as a page for people", page)
                .answers(.text("text/html", example: "<!doctype html>", kept: true)).duringMaintenance(),
            .get(Self.stylePath, .public, "The page's style sheet", style)
                .answers(.text("text/css", example: ":root { color-scheme: light dark; }", kept: true))
                .duringMaintenance(),
        ]
    }

    private static let stylePath = "/assets/docs-\(ProductDescription.style.entityTag).css"

    private func openAPI(_ call: Call<Visitor, NoInput>) async throws -> Answer {
        let document = call.services.description.openAPI
        return kept(document, "application/json; charset=utf-8", "public, max-age=300")
    }

    private func page(_ call: Call<Visitor, NoInput>) async throws -> Answer {
        let document = call.services.description.page(style: (cdnURL ?? "") + Self.stylePath)
        return kept(document, "text/html; charset=utf-8", "public, max-age=300")
    }

    private func style(_ call: Call<Visitor, NoInput>) async throws -> Answer {
        kept(ProductDescription.style, "text/css; charset=utf-8", assetCacheControl)
    }

    private func kept(_ document: ProductDescription.Document, _ type: String, _ cacheControl: String) -> Answer {
        var answer = Answer(
            status: 200, headers: [(.cacheControl, cacheControl)], body: .text(document.bytes, type: type))
        answer.entityTag = document.entityTag
        return answer
    }
}
