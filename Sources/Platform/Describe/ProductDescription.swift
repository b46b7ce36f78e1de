import Codecs
import Crypto
import Threads

/// What the product says of itself, made once, at the first question.
public final class ProductDescription: Sendable {
    /// Bytes that clients may keep.
    public struct Document: Sendable {
        public let bytes: [UInt8]
        public let entityTag: String

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
            entityTag = Hex.encode(Array(SHA256.hash(data: bytes).prefix(8)))
        }
    }

    private let product: Product
    private let version: String
    /// Where the API is: API_URL.
    public let url: String
    private let made = Locked<(openAPI: Document?, page: Document?)>((nil, nil))

    init(_ product: Product, version: String, url: String) {
        self.product = product
        self.version = version
        self.url = url
    }

    /// The OpenAPI document.
    public var openAPI: Document {
        if let document = made.withLock({ $0.openAPI }) { return document }
        let document = Document(OpenAPI.document(product, version: version, url: url).encoded())
        made.withLock { $0.openAPI = document }
        return document
    }

    /// The API's page.
    ///
    /// - Parameter style: the address of its style sheet, the same at each call.
    public func page(style: String) -> Document {
        if let document = made.withLock({ $0.page }) { return document }
        let document = Document(Array(APIPage(product, version: version, url: url).html(style: style).utf8))
        made.withLock { $0.page = document }
        return document
    }

    /// The page's style sheet: its tag is part of its address, so that it may be kept for good.
    public static let style = Document(Array(APIPageStyle.css.utf8))
}
