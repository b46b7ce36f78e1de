/// Why bytes are no answer. After any of these the connection is of no use: nobody knows where the next answer begins.
public enum RESPFault: Error, Sendable, Hashable {
    /// A first byte that begins nothing, or a form that servers never send.
    case type(UInt8)
    /// A line without its end, or longer than `RESPLimits.lineBytes`.
    case line
    /// A number, length, boolean or end of a bulk that is none.
    case malformed
    /// More than `RESPLimits` allows.
    case tooLarge
    case tooDeep
}

/// The most that an answer may hold.
public struct RESPLimits: Sendable {
    /// Arrays, sets and maps within each other.
    public var depth: Int
    /// A line: words, numbers, errors, lengths.
    public var lineBytes: Int
    /// Values in one answer, with the keys of maps.
    public var elements: Int
    /// All of one answer, and so the longest bulk.
    public var replyBytes: Int

    public init(depth: Int = 16, lineBytes: Int = 8_192, elements: Int = 100_000, replyBytes: Int = 32 << 20) {
        precondition(
            depth >= 1 && lineBytes >= 32 && elements >= 1 && replyBytes >= 64, "limits leave room for an answer")
        self.depth = depth
        self.lineBytes = lineBytes
        self.elements = elements
        self.replyBytes = replyBytes
    }
}

/// Reads answers from a stream of bytes, whatever its pieces. Each value is read once: a long array that comes in many
/// pieces costs no more than in one. What an answer only announces takes no memory.
public struct RESPDecoder: Sendable {
    private let limits: RESPLimits
    /// Aggregates whose elements are still coming, the outermost first.
    private var open: [Aggregate] = []
    private var elements = 0
    private var replyBytes = 0

    public init(limits: RESPLimits = RESPLimits()) {
        self.limits = limits
    }

    /// The next whole answer, and how many bytes were read: drop these, and give the rest again with what follows.
    ///
    /// The count may be more than 0 without an answer. After a throw the decoder must not be used again.
    public mutating func decode(_ bytes: UnsafeRawBufferPointer) throws(RESPFault) -> (value: RESPValue?, read: Int) {
        var position = 0
        while let token = try nextToken(bytes, from: position) {
            position = token.end
            replyBytes += token.length
            elements += 1
            guard replyBytes <= limits.replyBytes, elements <= limits.elements else { throw .tooLarge }
            switch token.kind {
            case .value(let value):
                if let whole = close(with: value) { return (whole, position) }
            case .aggregate(let shape, let count):
                try begin(shape, count: count)
                if count == 0, let whole = closeFull() { return (whole, position) }
            }
        }
        return (nil, position)
    }

    private mutating func begin(_ shape: Aggregate.Shape, count: Int) throws(RESPFault) {
        guard open.count < limits.depth else { throw .tooDeep }
        guard shape != .push || open.isEmpty else { throw .type(UInt8(ascii: ">")) }
        guard count <= limits.elements - elements else { throw .tooLarge }
        open.append(Aggregate(shape: shape, missing: count))
    }

    /// Puts a value where it belongs; the answer, when it was the last of it.
    private mutating func close(with value: RESPValue) -> RESPValue? {
        guard let last = open.indices.last else { return finish(value) }
        open[last].elements.append(value)
        open[last].missing -= 1
        return open[last].missing == 0 ? closeFull() : nil
    }

    /// Closes the innermost aggregate, and those around it that it was the last element of.
    private mutating func closeFull() -> RESPValue? {
        while let full = open.popLast() {
            // Attributes stand before a value and are no part of it; nobody here asks for any.
            guard let value = full.value else { return nil }
            guard let last = open.indices.last else { return finish(value) }
            open[last].elements.append(value)
            open[last].missing -= 1
            if open[last].missing > 0 { return nil }
        }
        return nil
    }

    private mutating func finish(_ value: RESPValue) -> RESPValue {
        elements = 0
        replyBytes = 0
        return value
    }
}

/// An array, set or map on its way.
private struct Aggregate: Sendable {
    enum Shape: Sendable { case array, set, map, push, attribute }

    let shape: Shape
    /// Elements that are still to come: 2 for each pair.
    var missing: Int
    var elements: [RESPValue] = []

    /// Nil for attributes.
    var value: RESPValue? {
        switch shape {
        case .array: .array(elements)
        case .set: .set(elements)
        case .push: .push(elements)
        case .map:
            .map(stride(from: 0, to: elements.count - 1, by: 2).map { RESPPair(elements[$0], elements[$0 + 1]) })
        case .attribute: nil
        }
    }
}

/// What stands between two positions: a value, or the head of an aggregate.
private struct Token {
    enum Kind {
        case value(RESPValue)
        /// `count` counts elements, 2 for each pair.
        case aggregate(Aggregate.Shape, count: Int)
    }

    let kind: Kind
    let length: Int
    let end: Int
}

extension RESPDecoder {
    /// Nil when its last byte has not come.
    private func nextToken(_ bytes: UnsafeRawBufferPointer, from start: Int) throws(RESPFault) -> Token? {
        guard start < bytes.count else { return nil }
        // What begins nothing is told at once, and not when its line ends.
        guard Self.begins(bytes[start]) else { throw .type(bytes[start]) }
        guard let line = try lineAfter(bytes, start + 1) else { return nil }
        let end = line.endIndex + 2
        switch bytes[start] {
        case UInt8(ascii: "$"), UInt8(ascii: "="), UInt8(ascii: "!"):
            return try blob(bytes, type: bytes[start], line, start: start)
        case UInt8(ascii: "*"), UInt8(ascii: "~"), UInt8(ascii: "%"), UInt8(ascii: ">"), UInt8(ascii: "|"):
            return Token(kind: try head(bytes[start], line), length: end - start, end: end)
        default:
            return Token(kind: .value(try scalar(bytes[start], line)), length: end - start, end: end)
        }
    }

    private static func begins(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: ":"), UInt8(ascii: "_"), UInt8(ascii: ","),
            UInt8(ascii: "#"), UInt8(ascii: "("), UInt8(ascii: "$"), UInt8(ascii: "="), UInt8(ascii: "!"),
            UInt8(ascii: "*"), UInt8(ascii: "~"), UInt8(ascii: "%"), UInt8(ascii: ">"), UInt8(ascii: "|"):
            true
        default: false
        }
    }

    /// What stands before the next CR LF; nil when that has not come.
    private func lineAfter(_ bytes: UnsafeRawBufferPointer, _ start: Int) throws(RESPFault) -> Slice<
        UnsafeRawBufferPointer
    >? {
        let most = min(bytes.count, start + limits.lineBytes)
        var end = start
        while end < most, bytes[end] != UInt8(ascii: "\r") {
            guard bytes[end] != UInt8(ascii: "\n") else { throw .line }
            end += 1
        }
        guard end < start + limits.lineBytes else { throw .line }
        guard end + 1 < bytes.count else { return nil }
        guard bytes[end + 1] == UInt8(ascii: "\n") else { throw .line }
        return bytes[start..<end]
    }

    private func scalar(_ type: UInt8, _ line: Slice<UnsafeRawBufferPointer>) throws(RESPFault) -> RESPValue {
        switch type {
        case UInt8(ascii: "+"): return .simple(String(decoding: line, as: UTF8.self))
        case UInt8(ascii: "-"): return .error(RESPError(String(decoding: line, as: UTF8.self)))
        case UInt8(ascii: ":"): return .integer(try RESPNumber.integer(line))
        case UInt8(ascii: ","): return .double(try RESPNumber.double(line))
        case UInt8(ascii: "("): return .bigNumber(try RESPNumber.big(line))
        case UInt8(ascii: "_"):
            guard line.isEmpty else { throw .malformed }
            return .null
        case UInt8(ascii: "#"):
            guard line.count == 1, let letter = line.first else { throw .malformed }
            switch letter {
            case UInt8(ascii: "t"): return .boolean(true)
            case UInt8(ascii: "f"): return .boolean(false)
            default: throw .malformed
            }
        default: throw .type(type)
        }
    }

    private func head(_ type: UInt8, _ line: Slice<UnsafeRawBufferPointer>) throws(RESPFault) -> Token.Kind {
        guard let count = try RESPNumber.length(line) else {
            guard type == UInt8(ascii: "*") else { throw .malformed }
            return .value(.null)
        }
        switch type {
        case UInt8(ascii: "*"): return .aggregate(.array, count: count)
        case UInt8(ascii: "~"): return .aggregate(.set, count: count)
        case UInt8(ascii: ">"): return .aggregate(.push, count: count)
        case UInt8(ascii: "%"): return .aggregate(.map, count: count * 2)
        default: return .aggregate(.attribute, count: count * 2)
        }
    }

    private func blob(
        _ bytes: UnsafeRawBufferPointer, type: UInt8, _ line: Slice<UnsafeRawBufferPointer>, start: Int
    ) throws(RESPFault) -> Token? {
        let content = line.endIndex + 2
        guard let length = try RESPNumber.length(line) else {
            guard type == UInt8(ascii: "$") else { throw .malformed }
            return Token(kind: .value(.null), length: content - start, end: content)
        }
        guard length <= limits.replyBytes - replyBytes else { throw .tooLarge }
        let end = content + length
        guard end + 2 <= bytes.count else { return nil }
        guard bytes[end] == UInt8(ascii: "\r"), bytes[end + 1] == UInt8(ascii: "\n") else { throw .malformed }
        let value: RESPValue
        switch type {
        case UInt8(ascii: "$"): value = .bulk(Array(bytes[content..<end]))
        case UInt8(ascii: "!"): value = .error(RESPError(String(decoding: bytes[content..<end], as: UTF8.self)))
        default:
            // `txt:` or `mkd:` before the text.
            guard length >= 4, bytes[content + 3] == UInt8(ascii: ":") else { throw .malformed }
            value = .bulk(Array(bytes[(content + 4)..<end]))
        }
        return Token(kind: .value(value), length: end + 2 - start, end: end + 2)
    }
}
