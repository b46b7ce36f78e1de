import HTTPTypes

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A webhook as Svix sends it for others. Source: docs.svix.com/receiving/verifying-payloads/how-manual; the scheme is that of
/// the Standard Webhooks specification.
public struct SvixWebhook: Sendable {
    /// Of the message: the same each time that it is sent again.
    public let id: String
    public let signature: WebhookSignature

    /// Most bytes of a header.
    private static let mostBytes = 2_048

    /// - Throws: `Problem(.noSignature)` when one of the three headers is missing or endless.
    public init(_ headers: HTTPFields) throws(Problem) {
        guard let id = headers[.svixID], let timestamp = headers[.svixTimestamp],
            let signatures = headers[.svixSignature], (1...200).contains(id.utf8.count),
            signatures.utf8.count <= Self.mostBytes
        else { throw Problem(.noSignature) }
        self.id = id
        signature = WebhookSignature(
            head: "\(id).\(timestamp).", timestamp: timestamp,
            candidates: signatures.split(separator: " ").compactMap(Self.candidate))
    }

    /// `v1,` and the code in Base64. Those of other versions, as of key pairs, are none of ours.
    private static func candidate(_ text: Substring) -> [UInt8]? {
        guard text.hasPrefix("v1,") else { return nil }
        return Data(base64Encoded: String(text.dropFirst(3))).map { Array($0) }
    }
}

extension WebhookKey {
    /// `whsec_` and the key in Base64, 16 to 96 bytes of it; nil for anything else.
    public init?(svix secret: Secret) {
        let text = secret.reveal()
        guard text.hasPrefix("whsec_"), let key = Data(base64Encoded: String(text.dropFirst(6))),
            (16...96).contains(key.count)
        else { return nil }
        self.init(Array(key))
    }
}

extension HTTPField.Name {
    static let svixID = known("svix-id")
    static let svixTimestamp = known("svix-timestamp")
    static let svixSignature = known("svix-signature")
}
