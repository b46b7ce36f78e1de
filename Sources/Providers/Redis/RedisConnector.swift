import Codecs
import NIOCore
import NIOPosix
import NIOSSL
import Platform

/// Makes connections that may be used at once: resolved, connected, encrypted, entered.
struct RedisConnector: Sendable {
    enum Purpose: Sendable {
        /// Commands that write: a replica will not do.
        case commands
        /// Messages: any node of it tells them.
        case messages
        /// A Sentinel, with a login of its own and no databases.
        case sentinel
    }

    let options: RedisOptions
    let loop: any EventLoop
    private let tls: NIOSSLContext?

    /// - Throws: when the authorities' file cannot be read.
    init(_ options: RedisOptions, on loop: any EventLoop) throws {
        self.options = options
        self.loop = loop
        tls = try options.tls.map { tls in
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.minimumTLSVersion = .tlsv12
            if let file = tls.authorities { configuration.trustRoots = .file(file) }
            return try NIOSSLContext(configuration: configuration)
        }
    }

    /// Fails with a `RedisFault`, after `connectTimeout` at the latest.
    func connect(to address: RedisAddress, for purpose: Purpose) -> EventLoopFuture<RedisConnection> {
        let promise = loop.makePromise(of: RedisConnection.self)
        let connection = RedisConnection()
        connection.onClosed = { fault, _ in promise.fail(fault) }
        let timeout = loop.scheduleTask(in: TimeAmount(options.connectTimeout)) {
            promise.fail(RedisFault.silent)
            connection.close(.silent)
        }
        open(address, connection).whenComplete { result in
            switch result {
            case .failure(let error): promise.fail(Self.fault(error))
            case .success: enter(connection, purpose, promise)
            }
        }
        return promise.futureResult.always { _ in timeout.cancel() }
    }

    /// Connects to wherever `place` says, and hands what became of it to the owner. One that is gone by then needs no connection.
    func connect<Owner: AnyObject & Sendable>(
        to place: EventLoopFuture<RedisAddress>, for purpose: Purpose, owner: Owner,
        _ hand: @escaping @Sendable (Owner, Result<RedisConnection, any Error>) -> Void
    ) {
        place.flatMap { connect(to: $0, for: purpose) }.whenComplete { [weak owner] result in
            if let owner { return hand(owner, result) }
            if case .success(let connection) = result { connection.close(.ended) }
        }
    }

    /// One answer over a connection of its own, after twice `connectTimeout` at the latest; fails with a `RedisFault`.
    func ask(
        _ command: [RESPArgument], at address: RedisAddress, for purpose: Purpose
    ) -> EventLoopFuture<RESPValue> {
        connect(to: address, for: purpose).flatMap { connection in
            let promise = loop.makePromise(of: RESPValue.self)
            let patience = TimeAmount(options.connectTimeout)
            let timeout = loop.scheduleTask(in: patience) { connection.close(.silent) }
            connection.onClosed = { fault, _ in promise.fail(fault) }
            connection.add(
                PendingCommand(RESPCommand(command).bytes, deadline: .now() + patience, isRepeatable: true) { result in
                    guard case .success(let answer) = result else { return }
                    if let fault = Self.fault(of: answer) { promise.fail(fault) } else { promise.succeed(answer) }
                    connection.close(.ended)
                })
            connection.flush()
            return promise.futureResult.always { _ in timeout.cancel() }
        }
    }

    private func open(_ address: RedisAddress, _ connection: RedisConnection) -> EventLoopFuture<Void> {
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(TimeAmount(options.connectTimeout))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    // It was given up before it was connected.
                    guard !connection.isClosed else { throw RedisFault.silent }
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: Self.serverName(address)))
                    }
                    try channel.pipeline.syncOperations.addHandler(connection)
                }
            }
        switch address {
        case .socket(let path): return bootstrap.connect(unixDomainSocketPath: path).map { _ in }
        case .host(let host, let port):
            let tuned = bootstrap.channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelOption(.socketOption(.so_keepalive), value: options.keepsAlive ? 1 : 0)
            if let literal = try? SocketAddress(ipAddress: host, port: port) {
                return tuned.connect(to: literal).map { _ in }
            }
            return tuned.resolver(AddressResolver(options.family, on: loop)).connect(host: host, port: port)
                .map { _ in }
        }
    }

    /// TLS names no addresses.
    private static func serverName(_ address: RedisAddress) -> String? {
        guard let host = address.host, (try? SocketAddress(ipAddress: host, port: 1)) == nil else { return nil }
        return host
    }

    private static func fault(_ error: any Error) -> RedisFault {
        switch error {
        case let fault as RedisFault: fault
        case let error as IOError: .connect(error.description)
        case is ChannelError: .silent
        case let error as NIOConnectionError:
            .connect(
                error.connectionErrors.first.map { "\($0.error)" } ?? "the name \(error.host) has no address")
        default: .connect("\(error)")
        }
    }
}

extension RedisConnector {
    /// All of it in one packet: who refuses the first refuses the rest, and the first refusal is told.
    private func enter(
        _ connection: RedisConnection, _ purpose: Purpose, _ promise: EventLoopPromise<RedisConnection>
    ) {
        let end = NIODeadline.now() + TimeAmount(options.connectTimeout)
        func ask(_ arguments: [RESPArgument], _ check: @escaping @Sendable (RESPValue) -> RedisFault?) {
            connection.add(
                PendingCommand(RESPCommand(arguments).bytes, deadline: end, isRepeatable: false) { result in
                    // A failure comes with the connection's end, which fails the promise.
                    guard case .success(let value) = result, let fault = check(value) else { return }
                    promise.fail(fault)
                    connection.close(fault)
                })
        }
        ask(hello(purpose)) { Self.fault(ofHello: $0, purpose) }
        if purpose != .sentinel, options.database != 0 { ask(["select", .integer(options.database)], Self.fault) }
        // A server that still loads its data says so here.
        ask(["ping"]) { answer in
            if let fault = Self.fault(of: answer) { return fault }
            guard answer.text == "PONG" else { return .unasked }
            promise.succeed(connection)
            return nil
        }
        connection.flush()
    }

    private func hello(_ purpose: Purpose) -> [RESPArgument] {
        let login = purpose == .sentinel ? options.sentinelLogin : options.login
        var arguments: [RESPArgument] = ["hello", 3]
        if let login {
            arguments += ["auth", .text(login.user ?? "default"), .text(login.password.reveal())]
        }
        return arguments + ["setname", .text(options.clientName)]
    }

    private static func fault(of answer: RESPValue) -> RedisFault? {
        guard case .error(let error) = answer else { return nil }
        return .refused(error.code)
    }

    private static func fault(ofHello answer: RESPValue, _ purpose: Purpose) -> RedisFault? {
        if case .error(let error) = answer {
            let isUnknown = error.code == "NOPROTO" || error.message.hasPrefix("unknown command")
            return isUnknown ? .tooOld : .refused(error.code)
        }
        guard answer["proto"]?.integer == 3 else { return .tooOld }
        switch purpose {
        case .commands: return answer["role"]?.text == "master" ? nil : .notMaster
        case .messages: return nil
        case .sentinel: return answer["mode"]?.text == "sentinel" ? nil : .unasked
        }
    }
}
