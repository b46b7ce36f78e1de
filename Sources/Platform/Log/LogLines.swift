import Codecs
import Logging

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// How log lines look: LOG_FORMAT.
public enum LogFormat: String, Sendable, CaseIterable {
    /// One JSON object a line: `time`, `level`, `message`, and the metadata beside them.
    case json
    /// For people at a terminal.
    case text
}

/// swift-log's handler of this program.
package struct LogLines: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var logLevel: Logger.Level
    private let sink: LogSink
    private let format: LogFormat

    package init(sink: LogSink, format: LogFormat, level: Logger.Level) {
        self.sink = sink
        self.format = format
        logLevel = level
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let all = event.metadata.map { metadata.merging($0) { $1 } } ?? metadata
        switch format {
        case .json: sink.write(json(event, all))
        case .text: sink.write(text(event, all))
        }
    }

    private func json(_ event: LogEvent, _ metadata: Logger.Metadata) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("time")
        writer.string(Date().rfc3339)
        writer.key("level")
        writer.string(event.level.rawValue)
        writer.key("message")
        writer.string(event.message.description)
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            writer.key(key)
            Self.write(value, to: &writer)
        }
        writer.endObject()
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    private static func write(_ value: Logger.MetadataValue, to writer: inout JSONWriter) {
        switch value {
        case .string(let text): writer.string(text)
        case .stringConvertible(let number as Int): writer.int(number)
        case .stringConvertible(let number as Double): writer.double(number)
        case .stringConvertible(let other): writer.string(other.description)
        case .array(let items):
            writer.beginArray()
            for item in items { write(item, to: &writer) }
            writer.endArray()
        case .dictionary(let entries):
            writer.beginObject()
            for (key, value) in entries.sorted(by: { $0.key < $1.key }) {
                writer.key(key)
                write(value, to: &writer)
            }
            writer.endObject()
        }
    }

    /// Line breaks of a message would look like lines of their own: they are shown as escapes.
    private func text(_ event: LogEvent, _ metadata: Logger.Metadata) -> [UInt8] {
        let pairs = metadata.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        let line = "\(Date().rfc3339) \(event.level.rawValue) \(event.message)\(pairs)"
        let escaped = line.replacing("\r", with: "\\r").replacing("\n", with: "\\n")
        return Array(escaped.utf8) + [UInt8(ascii: "\n")]
    }
}
