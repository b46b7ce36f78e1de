import Hummingbird
import Logging

// The least that Hummingbird can answer: what our own figures are measured against.
let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 8080

let router = Router()
router.get("hello") { _, _ in
    Response(
        status: .ok, headers: [.contentType: "application/json; charset=utf-8"],
        body: ResponseBody(byteBuffer: ByteBuffer(string: #"{"message":"hello"}"#)))
}

var logger = Logger(label: "hello")
logger.logLevel = .warning
let application = Application(
    router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)), logger: logger)
try await application.runService()
