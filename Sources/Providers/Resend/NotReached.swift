import AsyncHTTPClient
import NIOCore
import NIOPosix
import NIOSSL

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Why an HTTP server was not reached, as a person says it.
enum NotReached {
    static func sentence(_ error: any Error) -> String {
        switch error {
        case let error as IOError: sentence(errno: error.errnoCode)
        case let error as NIOConnectionError:
            error.connectionErrors.first.map { sentence($0.error) } ?? "its name is not known"
        case let error as HTTPClientError: error.shortDescription.lowercased()
        case is ChannelError: "the connection was not made in time, or closed"
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: "its certificate was not accepted, or TLS failed"
        case is NIOTooManyBytesError: "its answer is too long"
        case is CancellationError: "it was given up"
        default: "no connection"
        }
    }

    private static func sentence(errno code: CInt) -> String {
        strerror(code).map { String(cString: $0).lowercased() } ?? "no connection"
    }
}
