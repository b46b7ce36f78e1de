/// An argument of a command. Redis takes all as strings of bytes.
public enum RESPArgument: Sendable, Hashable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    case text(String)
    case integer(Int)
    case bytes([UInt8])

    public init(stringLiteral value: String) { self = .text(value) }
    public init(integerLiteral value: Int) { self = .integer(value) }
}

/// A command as it goes over the wire: an array of bulks, so nothing in an argument can end it or begin another.
public struct RESPCommand: Sendable, Hashable {
    public let bytes: [UInt8]

    public init(_ arguments: [RESPArgument]) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(arguments.reduce(16) { $0 + $1.room })
        bytes.append(UInt8(ascii: "*"))
        Self.append(arguments.count, to: &bytes)
        for argument in arguments {
            switch argument {
            case .text(var text):
                text.withUTF8 { Self.append($0, to: &bytes) }
            case .bytes(let content):
                content.withUnsafeBufferPointer { Self.append($0, to: &bytes) }
            case .integer(let value):
                var text = String(value)
                text.withUTF8 { Self.append($0, to: &bytes) }
            }
        }
        self.bytes = bytes
    }

    public init(_ arguments: RESPArgument...) {
        self.init(arguments)
    }

    private static func append(_ content: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "$"))
        append(content.count, to: &bytes)
        bytes.append(contentsOf: content)
        bytes.append(contentsOf: "\r\n".utf8)
    }

    /// The number and the end of its line.
    private static func append(_ count: Int, to bytes: inout [UInt8]) {
        var text = String(count)
        text.withUTF8 { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: "\r\n".utf8)
    }
}

extension RESPArgument {
    /// At least what it takes on the wire.
    fileprivate var room: Int {
        switch self {
        case .text(let text): text.utf8.count + 16
        case .bytes(let content): content.count + 16
        case .integer: 36
        }
    }
}
