import Platform
import Postgres
import Threads

/// Seals what has been written, every second, on whichever node comes first. A row that is written meanwhile, or whose transaction
/// ends later, has its turn a second later: the chain's order is that of sealing, so that no open transaction holds it up.
///
/// It signs nothing behind a head that it has cause to doubt: whoever owns the tables could otherwise take the chain away and have
/// rows of their own making sealed in its place.
final class Sealer: Sendable {
    /// Rows that one transaction seals: few enough that neither this nor a request beside it waits long.
    static let perSealing = 1_000

    private struct State: Sendable {
        /// The newest head that this process wrote or found good.
        var known: AuditHead?
        var fault: ChainFault?
    }

    private let state = Locked(State())
    /// A head that an operator has looked at; it needs no signature.
    private let trusted: AuditHead?

    init(trusting head: AuditHead? = nil) {
        trusted = head
    }

    /// Why nothing is sealed; nil: all is well.
    var fault: ChainFault? { state.withLock { $0.fault } }

    var service: BackgroundService {
        BackgroundService("audit.sealer") { [self] services in
            while !Task.isCancelled {
                do {
                    while services.jobs.isAtWork, try await seal(services) == Self.perSealing {}
                    try await Task.sleep(for: .seconds(1))
                } catch {
                    guard !Task.isCancelled else { return }
                    // What is wrong with the chain has been told, once.
                    if !(error is ChainFault) {
                        services.log.warning("what happened could not be sealed", metadata: ["cause": "\(error)"])
                    }
                    do { try await Task.sleep(for: .seconds(5)) } catch { return }
                }
            }
        }
    }

    /// Seals a batch.
    ///
    /// - Returns: how many rows; 0 also while another node seals.
    /// - Throws: `ChainFault` when the chain is not as it was left, once that has been told.
    @discardableResult
    func seal(_ services: Services) async throws -> Int {
        do {
            let sealed = try await services.platform.transaction { [self] transaction in
                try await seal(transaction, services)
            }
            if let sealed { note(sealed.head) }
            return sealed?.rows ?? 0
        } catch let fault as ChainFault {
            tell(fault, services)
            throw fault
        }
    }

    /// - Returns: nil while another node seals, and before anything was ever written.
    private func seal(_ transaction: Transaction, _ services: Services) async throws -> (rows: Int, head: AuditHead)? {
        let isMine: Bool = try await transaction.one(Audit.begin) { try $0["is_mine"] }
        guard isMine else { return nil }
        // By statements of their own: the one before saw what was there before the lock was had.
        let last = try await transaction.first(AuditHead.lastSeal, SignedHead.init)
        if let fault = try await fault(of: last, transaction, services.keyRing) { throw fault }
        let rows = try await transaction.all(Audit.take, SealedRow.init)
        guard !rows.isEmpty else { return last.map { (rows: 0, head: $0.head) } }
        let head = try await Audit.append(rows, after: last?.head ?? .origin, transaction, services)
        return (rows: rows.count, head: head)
    }

    /// What is wrong with the end of the chain. Where this process wrote it itself, as most often, that is seen at once; where
    /// another node went on since, what this one knows must still stand there.
    private func fault(
        of last: SignedHead?, _ transaction: Transaction, _ keyRing: KeyRing
    ) async throws -> ChainFault? {
        let known = state.withLock { $0.known }
        if let trusted, last?.head != trusted { return .notTrusted(trusted.sequence) }
        if let known {
            guard let last, last.head.sequence >= known.sequence else { return .cutOff(known.sequence) }
            let there =
                last.head.sequence == known.sequence
                ? last.head : try await transaction.first(AuditHead.seal(known.sequence), AuditHead.init)
            guard there == known else { return .rewritten(known.sequence) }
        }
        guard let last, last.head != trusted else { return nil }
        return last.fault(keyRing)
    }

    private func note(_ head: AuditHead) {
        state.withLock { state in
            state.fault = nil
            // Of two sealings at once the later one may be told of first.
            if head.sequence >= state.known?.sequence ?? 0 { state.known = head }
        }
    }

    /// Tells of it once, however often it is found.
    private func tell(_ fault: ChainFault, _ services: Services) {
        let (isNews, known) = state.withLock { state in
            defer { state.fault = fault }
            return (state.fault != fault, state.known)
        }
        guard isNews else { return }
        var attributes = ["reason": fault.description]
        if let known { attributes["known"] = known.description }
        services.events.emit(.auditChainBroken, attributes, log: services.log)
    }
}

/// The end of the chain, and the proof beside it.
struct SignedHead: Sendable {
    let head: AuditHead
    let mac: String?

    init(_ row: Row) throws {
        head = try AuditHead(row)
        mac = try row["mac"]
    }

    /// Why the proof is none of ours; nil when it is, or when there are neither proof nor key.
    func fault(_ keyRing: KeyRing) -> ChainFault? {
        guard let mac else { return keyRing.isEmpty ? nil : .unsigned(head.sequence) }
        do throws(SealRefusal) {
            try keyRing.verify(mac, of: head.attested)
            return nil
        } catch {
            switch error {
            case .noKey: return .withoutKey(head.sequence)
            case .unknownKey: return .anotherKey(head.sequence)
            case .damaged: return .forged(head.sequence)
            }
        }
    }
}

/// The chain does not stand as it was left. Each names the number of a head.
enum ChainFault: Error, Equatable, CustomStringConvertible {
    case cutOff(Int)
    case rewritten(Int)
    case unsigned(Int)
    case withoutKey(Int)
    case anotherKey(Int)
    case forged(Int)
    case notTrusted(Int)

    var description: String {
        switch self {
        case .cutOff(let number): "the audit log's chain ended at \(number), and ends before that now"
        case .rewritten(let number): "number \(number) of the audit log's chain is another than it was"
        case .unsigned(let number): "the head \(number) of the audit log's chain is not signed"
        case .withoutKey(let number):
            "the head \(number) of the audit log's chain is signed, and ENCRYPTION_KEY is not set"
        case .anotherKey(let number):
            "the head \(number) of the audit log's chain is signed by a key that is neither ENCRYPTION_KEY nor one of "
                + "ENCRYPTION_KEYS_PREVIOUS"
        case .forged(let number): "the signature of the head \(number) of the audit log's chain is not good"
        case .notTrusted(let number): "the audit log's chain does not end at the head \(number) that was given"
        }
    }
}

extension Event {
    static let auditChainBroken = Event(
        "audit.chain_broken",
        "The audit log's chain is not as it was left: nothing is sealed until somebody has looked",
        at: .error, kept: .security(.security, .failure))
}

/// What an operator does about the chain: `leansaas audit continue`.
public enum AuditSwitch {
    /// Seals what waits behind a head that somebody has looked at, whoever signed that; nodes then go on behind what this signs.
    ///
    /// - Returns: how many rows were sealed; 0 also while a node seals.
    /// - Throws: an error with a sentence when the chain ends elsewhere.
    public static func goOn(after head: AuditHead, _ services: Services) async throws -> Int {
        services.events.emit(
            .operatorCommand, ["action": "audit continue", "head": head.description], log: services.log)
        try await services.events.flush(on: services.platform, log: services.log)
        return try await Sealer(trusting: head).seal(services)
    }
}
