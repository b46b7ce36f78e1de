import Codecs
import Crypto
import HTTPTypes

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a webhook shows to prove who sent it and when: HMAC-SHA256 over a few bytes and the raw body behind them. Each scheme says
/// how its headers are read; what holds for all is here.
public struct WebhookSignature: Sendable {
    /// What was signed before the body.
    let head: String
    /// Seconds since 1970, as the sender wrote them.
    let timestamp: String
    /// Each made under another key, while the sender's key is being changed.
    let candidates: [[UInt8]]

    /// How far the sender's clock may be from ours, either way.
    public static let tolerance: Duration = .seconds(300)
    /// Most candidates that are looked at: who sends more hopes to be lucky, or to keep us busy.
    static let mostCandidates = 8

    /// - Parameter keys: all that are good, the earlier ones among them.
    /// - Throws: `Problem`: 401 unless the sender has one of the keys; only then, as whoever has none learns nothing, 400 for a
    ///   time that is no time or too far away.
    public func check(_ body: [UInt8], under keys: [WebhookKey], at now: Date) throws(Problem) {
        let message = Array(head.utf8) + body
        var isGood = false
        // All are compared, so that the time does not tell which one was near.
        for key in keys {
            let code = Array(HMAC<SHA256>.authenticationCode(for: message, using: key.bytes))
            for candidate in candidates.prefix(Self.mostCandidates) {
                isGood = ConstantTime.equal(candidate, code) || isGood
            }
        }
        guard isGood else { throw Problem(.wrongSignature) }
        guard timestamp.utf8.count <= 12, let sent = Int(timestamp) else { throw Problem(.noSignature) }
        guard abs(now.timeIntervalSince1970 - Double(sent)) <= Self.tolerance.inSeconds else {
            throw Problem(.oldWebhook)
        }
    }
}

/// What webhooks are signed under.
public struct WebhookKey: Sendable {
    let bytes: SymmetricKey

    public init(_ bytes: [UInt8]) {
        self.bytes = SymmetricKey(data: bytes)
    }
}

/// The codes are the guide's.
extension ProblemKind {
    public static let noSignature = ProblemKind(
        "VALIDATION_ERROR", 400, "The headers that sign the webhook are missing, or are none.")
    public static let wrongSignature = ProblemKind("AUTHENTICATION_ERROR", 401, "The webhook's signature is not valid.")
    public static let oldWebhook = ProblemKind(
        "VALIDATION_ERROR", 400, "The webhook is too old, or its sender's clock is wrong.")

    /// What a route that takes webhooks refuses with.
    public static let webhook: [ProblemKind] = [.noSignature, .wrongSignature, .oldWebhook, .badJSON, .invalidInput]
}
