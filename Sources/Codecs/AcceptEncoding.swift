/// What a client can decode (RFC 9110, 12.5.3): `br;q=1.0, gzip;q=0.8, *;q=0.1`.
public struct AcceptEncoding: Sendable {
    private var weights: [(coding: String, weight: Double)] = []

    /// Elements that are not well formed are passed over; of a header of more than 512 bytes nothing is believed.
    public init(_ header: String) {
        guard header.utf8.count <= 512 else { return }
        for element in header.split(separator: ",") {
            let parts = element.split(separator: ";", maxSplits: 1)
            guard let coding = parts.first.map(Self.trimmed), !coding.isEmpty else { continue }
            guard let weight = parts.count > 1 ? Self.weight(parts[1]) : 1 else { continue }
            weights.append((coding.lowercased(), weight))
        }
    }

    /// 0 (not acceptable) to 1. A coding that is not named has the weight of `*`.
    public func weight(of coding: String) -> Double {
        let named = weights.first { $0.coding == coding } ?? weights.first { $0.coding == "*" }
        return named?.weight ?? 0
    }

    /// Of the codings that are offered, the first of the highest weight; nil when none is acceptable.
    public func best(of offered: [String]) -> String? {
        var best: (coding: String, weight: Double)?
        for coding in offered {
            let weight = weight(of: coding)
            if weight > (best?.weight ?? 0) { best = (coding, weight) }
        }
        return best?.coding
    }

    /// `q=0.8`: at most three decimals (RFC 9110, 12.4.2).
    private static func weight(_ parameter: Substring) -> Double? {
        let text = trimmed(parameter)
        guard text.hasPrefix("q=") || text.hasPrefix("Q=") else { return nil }
        let number = text.dropFirst(2)
        let isPlain = number.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
        guard (1...5).contains(number.utf8.count), isPlain, let weight = Double(number), weight <= 1 else { return nil }
        return weight
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
