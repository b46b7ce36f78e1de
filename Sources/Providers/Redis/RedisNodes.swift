import Codecs
import NIOCore
import Platform
import Threads

/// A cluster's masters, and which of them holds which slot: asked for at first use, after each sign that it changed, and
/// every second while one of them does not answer.
///
/// `@unchecked Sendable`: `state` is locked and `reachability` atomic; all else is touched on `loop` only.
final class RedisNodes: @unchecked Sendable {
    let reachability = Reachability()
    /// Told on the loop when a master is lost.
    var onLoss: (@Sendable () -> Void)?
    private let seeds: [RedisAddress]
    private let connector: RedisConnector
    private let loop: any EventLoop
    private let state = Locked<State>(State())
    private var isAsking = false
    private var lastAsked: NIODeadline?
    private var rounds: RepeatedTask?
    /// Calls that came before any map was known.
    private var first: EventLoopPromise<Void>?

    private struct State: Sendable {
        var map = SlotMap()
        var servers: [RedisAddress: RedisServer] = [:]
        var isClosed = false
    }

    /// Not more often, whatever the redirects say.
    private static let pause = TimeAmount.milliseconds(200)
    /// Also when nothing speaks of a change.
    private static let longestAge = TimeAmount.seconds(30)

    init(_ seeds: [RedisAddress], _ connector: RedisConnector) {
        self.seeds = seeds
        self.connector = connector
        loop = connector.loop
    }

    deinit {
        rounds?.cancel()
        first?.fail(RedisFault.ended)
    }

    var figures: [(server: String, RedisFigures)] {
        state.withLock { $0.servers }.map { ($0.key.description, $0.value.snapshot) }.sorted { $0.0 < $1.0 }
    }

    func start() { refresh() }

    func shutDown() async {
        let servers = state.withLock { state in
            state.isClosed = true
            return Array(state.servers.values)
        }
        for server in servers { await server.shutDown() }
        await withCheckedContinuation { continuation in
            loop.execute { [self] in
                rounds?.cancel()
                first?.fail(RedisFault.ended)
                (rounds, first) = (nil, nil)
                reachability.close()
                continuation.resume()
            }
        }
    }

    /// The master of the slot; any that answers, for nil and for a slot that nobody is known to hold: it knows better.
    func place(of slot: Int?, by deadline: NIODeadline) async throws(SharedStoreFailure) -> RedisAddress {
        guard !state.withLock({ $0.isClosed }) else { throw .unreachable }
        if let known = known(slot) { return known }
        guard reachability.isReachable else {
            refresh()
            throw .unreachable
        }
        do { try await firstMap(by: deadline).get() } catch let fault as RedisFault where fault == .silent {
            throw .deadline(mayHaveRun: false)
        } catch { throw .unreachable }
        guard let known = known(slot) else { throw .unreachable }
        return known
    }

    private func known(_ slot: Int?) -> RedisAddress? {
        state.withLock { state in
            if let slot, let master = state.map.master(of: slot) { return master }
            return state.map.masters.filter { state.servers[$0]?.reachability.isReachable ?? true }.randomElement()
                ?? state.map.masters.randomElement()
        }
    }

    private func firstMap(by deadline: NIODeadline) -> EventLoopFuture<Void> {
        loop.flatSubmit { [self] in
            guard state.withLock({ $0.map.isEmpty }) else { return loop.makeSucceededVoidFuture() }
            let shared = first ?? loop.makePromise(of: Void.self)
            first = shared
            let mine = loop.makePromise(of: Void.self)
            let timeout = loop.scheduleTask(deadline: deadline) { mine.fail(RedisFault.silent) }
            shared.futureResult.whenComplete { result in
                timeout.cancel()
                mine.completeWith(result)
            }
            ask()
            return mine.futureResult
        }
    }

    func server(at address: RedisAddress) -> RedisServer {
        state.withLock { state in
            if let server = state.servers[address] { return server }
            let server = RedisServer(.fixed(address), connector)
            server.onChange = { [weak self] in self?.note($0) }
            let isKept = !state.isClosed && state.servers.count < SlotMap.mostMasters
            if isKept { state.servers[address] = server }
            return server
        }
    }

    /// Where a redirect leads.
    func follow(_ redirect: RedisRedirect, from asked: RedisAddress) -> RedisAddress {
        let host = redirect.host.isEmpty ? asked.host ?? "" : redirect.host
        let address = RedisAddress.host(host, port: redirect.port)
        if !redirect.isOnce {
            state.withLock { $0.map.move(redirect.slot, to: address) }
            refresh()
        }
        return address
    }

    /// Any node, for messages: all of them tell all.
    func any() -> EventLoopFuture<RedisAddress> {
        guard let node = known(nil) ?? seeds.randomElement() else { return loop.makeFailedFuture(RedisFault.noMaster) }
        return loop.makeSucceededFuture(node)
    }

    private func note(_ isReachable: Bool) {
        loop.assertInEventLoop()
        reachability.set(
            state.withLock { state in
                state.map.masters.contains { state.servers[$0]?.reachability.isReachable ?? true }
            })
        guard !isReachable else { return }
        onLoss?()
        ask()
    }
}

extension RedisNodes {
    /// Asks for the map in the background, if that was not done a moment ago.
    func refresh() {
        loop.execute { [weak self] in self?.ask() }
    }

    private func ask() {
        loop.assertInEventLoop()
        guard !isAsking, !state.withLock({ $0.isClosed }) else { return }
        if rounds == nil { startRounds() }
        if let lastAsked, NIODeadline.now() - lastAsked < Self.pause { return }
        isAsking = true
        let (answering, others) = state.withLock { state in
            let known = state.map.masters.shuffled()
            let answering = known.filter { state.servers[$0]?.reachability.isReachable ?? true }
            return (answering, seeds.shuffled() + known)
        }
        ask((answering + others.filter { !answering.contains($0) })[...])
    }

    /// One after the other, until one answers.
    private func ask(_ places: ArraySlice<RedisAddress>) {
        guard let place = places.first else { return learn(nil) }
        connector.ask(["cluster", "slots"], at: place, for: .messages).whenComplete { [weak self] result in
            guard let self else { return }
            if case .success(let answer) = result, let map = SlotMap(answer, asked: place) {
                learn(map)
            } else {
                ask(places.dropFirst())
            }
        }
    }

    private func learn(_ map: SlotMap?) {
        isAsking = false
        lastAsked = .now()
        let waiting = first
        first = nil
        guard let map else {
            if state.withLock({ $0.map.isEmpty }) { reachability.set(false) }
            waiting?.fail(RedisFault.noMaster)
            return
        }
        let gone = state.withLock { state in
            state.map = map
            let gone = state.servers.filter { !map.masters.contains($0.key) }
            for address in gone.keys { state.servers[address] = nil }
            return Array(gone.values)
        }
        for server in gone { server.end() }
        for master in map.masters { server(at: master).start() }
        let isAnyReachable = map.masters.contains { server(at: $0).reachability.isReachable }
        reachability.set(isAnyReachable)
        waiting?.succeed()
    }

    private func startRounds() {
        rounds = loop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { [weak self] task in
            guard let self else { return task.cancel() }
            let isWhole = state.withLock { state in
                !state.map.isEmpty
                    && state.map.masters.allSatisfy { state.servers[$0]?.reachability.isReachable ?? true }
            }
            let isOld = lastAsked.map { NIODeadline.now() - $0 > Self.longestAge } ?? true
            if !isWhole || isOld { ask() }
        }
    }
}
