import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// What every answer gets on its way out, whatever made it, and the limits of what comes in.
struct Edge: Sendable {
    /// What every answer begins with, made once.
    private let base: HTTPFields
    let cors: CORS
    let log: AccessLog
    /// Most bytes of a body.
    let bodyLimit: Int

    init(security: SecurityHeaders, cors: CORS, log: AccessLog, bodyLimit: Int) {
        var base = HTTPFields()
        for (name, value) in security.fields { base.append(HTTPField(name: name, value: value)) }
        self.base = base
        self.cors = cors
        self.log = log
        self.bodyLimit = bodyLimit
    }

    func response(_ answer: Answer, _ arrival: Arrival) -> Response {
        var fields = base
        fields.append(HTTPField(name: .requestID, value: arrival.id))
        for (name, value) in cors.fields(path: arrival.path, origin: arrival.headers[.origin]) {
            fields.append(HTTPField(name: name, value: value))
        }
        for (name, value) in answer.headers { fields.append(HTTPField(name: name, value: value)) }
        if fields[.cacheControl] == nil {
            fields.append(HTTPField(name: .cacheControl, value: "no-cache, no-store, must-revalidate"))
            fields.append(HTTPField(name: .pragma, value: "no-cache"))
            fields.append(HTTPField(name: .expires, value: "0"))
        }
        let status = HTTPResponse.Status(code: answer.status)
        switch answer.body {
        case .none:
            return Response(status: status, headers: fields, body: ResponseBody())
        case .json(let bytes):
            fields.append(HTTPField(name: .contentType, value: "application/json; charset=utf-8"))
            return Self.response(status, fields, bytes, arrival)
        case .text(let bytes, let type):
            fields.append(HTTPField(name: .contentType, value: type))
            return Self.response(status, fields, bytes, arrival)
        }
    }

    private static func response(
        _ status: HTTPResponse.Status, _ fields: HTTPFields, _ bytes: [UInt8], _ arrival: Arrival
    ) -> Response {
        let response = Response(
            status: status, headers: fields, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        return arrival.method == .head ? response.createHeadResponse() : response
    }
}
