/// The validator of an answer that clients keep (RFC 9110, 8.8.3): always weak, since the same content is sent in several
/// codings.
public struct EntityTag: Sendable, Equatable {
    /// What stands between the quotes: letters, digits, `-`, `_` and `.`.
    public let opaque: String

    public init(_ opaque: String) {
        self.opaque = opaque
    }

    /// `W/"…"`, as the ETag header has it.
    public var text: String { "W/\"\(opaque)\"" }

    /// Whether an If-None-Match header names this tag, by weak comparison (RFC 9110, 13.1.2). What is malformed matches nothing.
    public func isNamed(in ifNoneMatch: String) -> Bool {
        guard ifNoneMatch.utf8.count <= 4_096 else { return false }
        if ifNoneMatch == "*" { return true }
        var rest = Substring(ifNoneMatch)
        while let tag = Self.next(&rest) {
            if tag == opaque { return true }
        }
        return false
    }

    /// Takes the next tag of a list: what stands between its quotes. Nil at the end, and where the list is malformed.
    private static func next(_ rest: inout Substring) -> Substring? {
        while let first = rest.first, first == " " || first == "\t" || first == "," { rest.removeFirst() }
        if rest.hasPrefix("W/") { rest.removeFirst(2) }
        guard rest.first == "\"" else { return nil }
        rest.removeFirst()
        guard let end = rest.firstIndex(of: "\"") else { return nil }
        let tag = rest[..<end]
        rest = rest[rest.index(after: end)...]
        return tag
    }
}
