import Codecs
import HTTPTypes
import NIOHTTP1
import Platform

/// What the product's OpenAPI document says, asked about real answers.
package struct Declared: Sendable {
    package let document: JSON
    package let schemas: SchemaCheck
    private let paths: [(segments: [Substring], item: JSONObject)]

    package init(_ product: Product) {
        document = OpenAPI.document(product, version: "0.0.0", url: "http://localhost:54321")
        schemas = SchemaCheck(document: document)
        paths = (document["paths"]?.object ?? [:]).map { path, item in
            (path.split(separator: "/", omittingEmptySubsequences: false), item.object ?? [:])
        }
    }

    /// Nil for what is no operation: an address that nobody has, a method that it does not take, assets.
    package func operation(_ method: String, _ path: String) -> JSON? {
        let segments = path.prefix { $0 != "?" }.split(separator: "/", omittingEmptySubsequences: false)
        let found = paths.first { pattern, _ in
            pattern.count == segments.count && zip(pattern, segments).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }
        // HEAD is answered by GET's route.
        return found?.item[method == "HEAD" ? "get" : method.lowercased()]
    }

    /// What of the answer the document does not tell of: its status, media type, headers, code or shape.
    package func faults(_ answer: TestAnswer, _ method: String, _ path: String) -> [String] {
        guard let operation = operation(method, path) else { return [] }
        guard let told = operation["responses"]?[String(answer.status)] else {
            return ["\(answer.status) is not declared: \(answer.text.prefix(200))"]
        }
        var faults = headerFaults(answer, told)
        guard method != "HEAD", !answer.bytes.isEmpty else { return faults }
        let media = String(answer.header("content-type")?.prefix { $0 != ";" } ?? "")
        guard let content = told["content"]?[media] else { return faults + ["\(media) is not declared"] }
        guard media == "application/json", answer.header("content-encoding") == nil else { return faults }
        guard let value = try? answer.json else { return faults + ["the body is no JSON"] }
        faults += schemas.faults(value, content["schema"] ?? .null)
        if let codes = told["x-codes"]?.array {
            let code = value["error"]?["code"] ?? value["error_code"] ?? value["code"] ?? .null
            if !codes.contains(code) { faults.append("the code \(code.text) is not among \(codes.map(\.text))") }
        }
        return faults
    }

    private func headerFaults(_ answer: TestAnswer, _ told: JSON) -> [String] {
        (told["headers"]?.object ?? [:]).compactMap { name, header in
            guard schemas.resolved(header)["required"] == true, answer.header(name) == nil else { return nil }
            return "the header \(name) lacks"
        }
    }
}
