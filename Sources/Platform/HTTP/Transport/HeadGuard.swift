import NIOCore
import NIOHTTP1

/// Refuses heads that two readers could understand differently, before anything else sees them: what a proxy in front of us
/// and we do not agree on is how requests are smuggled (RFC 9112, sections 3.2, 6.1 and 6.3).
final class HeadGuard: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let phases: PhaseHandler
    private var isClosed = false

    init(_ phases: PhaseHandler) {
        self.phases = phases
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isClosed else { return }
        guard case .head(var head) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
        if let problem = Self.fault(head) {
            isClosed = true
            return phases.refuse(problem, path: head.uri)
        }
        if head.headers.contains(name: "expect") {
            // The client waits for leave to send its body.
            let leave = HTTPResponseHead(version: .http1_1, status: .continue)
            context.writeAndFlush(wrapOutboundOut(.head(leave)), promise: nil)
        }
        // Said in one way, for all who look at it above.
        if !head.isKeepAlive { head.headers.replaceOrAdd(name: "connection", value: "close") }
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    /// What is wrong with a head that the parser let pass; nil when nothing is.
    static func fault(_ head: HTTPRequestHead) -> Problem? {
        guard head.version == .http1_1 || head.version == .http1_0 else {
            return Problem(.malformedRequest, "Speak HTTP/1.1 or HTTP/1.0.")
        }
        if head.method == .TRACE || head.method == .CONNECT { return Problem(.methodNotAllowed) }
        return hostFault(head) ?? framingFault(head) ?? expectationFault(head)
    }

    private static func hostFault(_ head: HTTPRequestHead) -> Problem? {
        let hosts = head.headers["host"]
        let fewest = head.version == .http1_1 ? 1 : 0
        let isHost = hosts.allSatisfy { host in
            !host.isEmpty && host.utf8.count <= 255 && host.utf8.allSatisfy(isHostByte)
        }
        guard (fewest...1).contains(hosts.count), isHost else {
            return Problem(.malformedRequest, "Send one Host header.")
        }
        return nil
    }

    /// Letters, digits and what stands in names, ports and IPv6 addresses.
    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "%"):
            true
        default: false
        }
    }

    /// A body's length is told once, in one way.
    private static func framingFault(_ head: HTTPRequestHead) -> Problem? {
        let lengths = head.headers["content-length"]
        let encodings = head.headers["transfer-encoding"]
        guard lengths.count + encodings.count <= 1 else {
            return Problem(.malformedRequest, "Send either Content-Length or Transfer-Encoding, once.")
        }
        if let length = lengths.first, !length.utf8.allSatisfy({ (0x30...0x39).contains($0) }) || length.isEmpty {
            return Problem(.malformedRequest, "Content-Length must be a number.")
        }
        if let encoding = encodings.first, encoding.lowercased() != "chunked" || head.version == .http1_0 {
            return Problem(.malformedRequest, "The only transfer coding that is read is chunked, in HTTP/1.1.")
        }
        return nil
    }

    private static func expectationFault(_ head: HTTPRequestHead) -> Problem? {
        let expectations = head.headers["expect"]
        guard expectations.allSatisfy({ $0.lowercased() == "100-continue" }), expectations.count <= 1 else {
            return Problem(.expectationFailed)
        }
        return nil
    }
}
