import Codecs
import HTTPTypes

/// A route as a line that one can try in a terminal.
enum CurlExample {
    static func text(_ route: Route, url: String) -> String {
        var lines = ["curl " + quoted(url + Samples.path(route) + query(route))]
        if route.method != .get { lines[0] = "curl -X \(route.method.rawValue) " + lines[0].dropFirst(5) }
        if route.authenticates { lines.append("-H \"authorization: Bearer $token\"") }
        if route.readsBody {
            let body = Samples.object(route.inputs, in: .body, onlyRequired: false)
            lines.append("-H 'content-type: application/json'")
            lines.append("-d " + quoted(JSON.object(body).text))
        }
        if let raw = route.rawBody {
            lines.append("-H 'content-type: application/json'")
            lines.append("-d " + quoted(raw.example.text))
        }
        return lines.joined(separator: " \\\n  ")
    }

    private static func query(_ route: Route) -> String {
        let query = Samples.object(route.inputs, in: .query, onlyRequired: true)
        guard !query.isEmpty else { return "" }
        return "?" + query.map { "\($0.key)=\($0.value.string ?? $0.value.text)" }.joined(separator: "&")
    }

    /// For a POSIX shell.
    private static func quoted(_ text: String) -> String {
        "'" + text.replacing("'", with: "'\\''") + "'"
    }
}
