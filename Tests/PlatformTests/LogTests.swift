import Codecs
import Foundation
import Logging
import Platform
import Testing

/// The log of a node, as a reader of its file finds it.
struct LogTests {
    @Test func `a line is one JSON object whatever stands in it`() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        _ = FileManager.default.createFile(atPath: file.path, contents: nil)
        let handle = try FileHandle(forWritingTo: file)
        let sink = LogSink(descriptor: handle.fileDescriptor)
        var log = Logger(label: "test") { _ in LogLines(sink: sink, format: .json, level: .info) }
        log[metadataKey: "requestId"] = "42"
        log.info("two\nlines \"quoted\"", metadata: ["evil": "\r\n{\"level\":\"error\"}", "n": .stringConvertible(7)])
        log.debug("not this one")
        sink.flush()
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 1)
        let json = try JSON.parse(String(lines[0]))
        #expect(json["message"] == "two\nlines \"quoted\"")
        #expect(json["level"] == "info")
        #expect(json["requestId"] == "42")
        #expect(json["n"] == 7)
        try FileManager.default.removeItem(at: file)
    }
}
