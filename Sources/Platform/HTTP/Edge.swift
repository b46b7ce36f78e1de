import Codecs
import HTTPTypes
import HummingbirdCore
import NIOCore

/// What every answer gets on its way out, whatever made it, and the limits of what comes in.
struct Edge: Sendable {
    /// What every answer begins with, made once: those that are not to be kept, and those that say themselves how long.
    private let base: HTTPFields
    private let keepable: HTTPFields
    private let compression: Compression
    private let secureURL: String?
    let cors: CORS
    let log: AccessLog
    let forwarding: Forwarding
    /// Most bytes of a body.
    let bodyLimit: Int

    init(_ settings: Server.Settings) {
        var base = HTTPFields()
        for (name, value) in settings.security.fields { base.append(HTTPField(name: name, value: value)) }
        keepable = base
        base.append(HTTPField(name: .cacheControl, value: "no-cache, no-store, must-revalidate"))
        base.append(HTTPField(name: .pragma, value: "no-cache"))
        base.append(HTTPField(name: .expires, value: "0"))
        self.base = base
        compression = settings.compression
        secureURL = settings.secureURL
        cors = settings.cors
        log = AccessLog(slowSeconds: settings.slowSeconds)
        forwarding = settings.forwarding
        bodyLimit = settings.bodyLimit
    }

    /// Probes and scrapers come from inside and speak plain HTTP.
    private static let alwaysPlain: Set<String> = ["/livez", "/readyz", "/metrics"]

    /// Where a plain request is sent when only https is served (SSL_ENFORCE): the same address under our own name, never under
    /// the one that the request gives itself. 308 for what may have a body, which a client would drop at a 301.
    func redirect(_ arrival: Arrival, query: String?) -> Answer? {
        guard let secureURL, !arrival.isSecure, !Self.alwaysPlain.contains(arrival.path) else { return nil }
        let isReading = arrival.method == .get || arrival.method == .head
        let target = secureURL + arrival.path + (query.map { "?" + $0 } ?? "")
        return Answer(status: isReading ? 301 : 308, headers: [(.location, target)])
    }

    func response(_ answer: Answer, _ arrival: Arrival) -> Response {
        let isKeepable = answer.headers.contains { $0.0 == .cacheControl }
        var fields = isKeepable ? keepable : base
        fields.append(HTTPField(name: .date, value: HTTPDate.now))
        fields.append(HTTPField(name: .requestID, value: arrival.id))
        for (name, value) in cors.fields(path: arrival.path, origin: arrival.headers[.origin]) {
            fields.append(HTTPField(name: name, value: value))
        }
        for (name, value) in answer.headers { fields.append(HTTPField(name: name, value: value)) }
        if let tag = answer.entityTag {
            fields.append(HTTPField(name: .eTag, value: EntityTag(tag).text))
            if isUnchanged(answer, tag, arrival) { return notModified(fields, answer, arrival) }
        }
        return whole(answer, fields, arrival)
    }

    private func isUnchanged(_ answer: Answer, _ tag: String, _ arrival: Arrival) -> Bool {
        guard answer.status == 200, arrival.method == .get || arrival.method == .head else { return false }
        return arrival.headers[.ifNoneMatch].map { EntityTag(tag).isNamed(in: $0) } ?? false
    }

    private func notModified(_ fields: HTTPFields, _ answer: Answer, _ arrival: Arrival) -> Response {
        var fields = fields
        if compression.mayCode(answer.body, on: Surface(path: arrival.path)) {
            fields.append(HTTPField(name: .vary, value: "Accept-Encoding"))
        }
        return Response(status: .notModified, headers: fields, body: ResponseBody())
    }

    private func whole(_ answer: Answer, _ fields: HTTPFields, _ arrival: Arrival) -> Response {
        var fields = fields
        let status = HTTPResponse.Status(code: answer.status)
        guard var bytes = answer.body.bytes, let type = answer.body.type else {
            return Response(status: status, headers: fields, body: ResponseBody())
        }
        fields.append(HTTPField(name: .contentType, value: type))
        if compression.mayCode(answer.body, on: Surface(path: arrival.path)), arrival.headers[.cookie] == nil {
            fields.append(HTTPField(name: .vary, value: "Accept-Encoding"))
            if let coding = compression.coding(for: arrival.headers[.acceptEncoding], bytes: bytes.count),
                let coded = compression.coded(bytes, coding, tag: answer.entityTag)
            {
                bytes = coded
                fields.append(HTTPField(name: .contentEncoding, value: coding.rawValue))
            }
        }
        guard arrival.method != .head else {
            fields[.contentLength] = String(bytes.count)
            return Response(status: status, headers: fields, body: ResponseBody())
        }
        return Response(status: status, headers: fields, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}

extension Answer.Body {
    var bytes: [UInt8]? {
        switch self {
        case .none: nil
        case .json(let bytes), .text(let bytes, _): bytes
        }
    }

    var type: String? {
        switch self {
        case .none: nil
        case .json: "application/json; charset=utf-8"
        case .text(_, let type): type
        }
    }
}
