import Platform
import Threads

/// The sockets that a node listens on: of the process before, of systemd, or its own.
enum Sockets {
    private static let binding = BlockingPool(name: "lean-bind", threads: 1, queueLimit: 4)

    /// - Parameter inherited: what the process before handed over.
    static func open(_ listen: ListenSettings, inherited: [ListeningSocket]) async throws -> [ListeningSocket] {
        let given = inherited.isEmpty ? InheritedSockets.found(Terminal.environment) : inherited
        return try await binding.run {
            var sockets: [ListeningSocket] = []
            do {
                sockets.append(try socket(.http, listen.host, listen.port, given))
                if listen.certificate != nil {
                    sockets.append(try socket(.https, listen.host, listen.securePort, given))
                }
            } catch {
                for socket in sockets { socket.close() }
                throw error
            }
            // What this configuration has no use for.
            for socket in given where !sockets.contains(where: { $0.descriptor == socket.descriptor }) {
                socket.close()
            }
            return sockets
        }
    }

    private static func socket(
        _ scheme: ListeningSocket.Scheme, _ host: String, _ port: Int, _ given: [ListeningSocket]
    ) throws -> ListeningSocket {
        if let found = given.first(where: { $0.scheme == scheme }) { return found }
        return try ListeningSocket.bind(scheme, host: host, port: port)
    }
}
