import Codecs

/// JSON with a member a line, for what people compare.
enum PrettyJSON {
    static func text(_ value: JSON) -> String {
        var text = ""
        write(value, indent: "", to: &text)
        return text + "\n"
    }

    private static func write(_ value: JSON, indent: String, to text: inout String) {
        switch value {
        case .object(let object) where !object.isEmpty:
            let inner = indent + "  "
            let members = object.map { key, value in
                var member = inner + JSON.string(key).text + ": "
                write(value, indent: inner, to: &member)
                return member
            }
            text += "{\n" + members.joined(separator: ",\n") + "\n" + indent + "}"
        case .array(let items) where items.contains(where: isNested):
            let inner = indent + "  "
            let lines = items.map { item in
                var line = inner
                write(item, indent: inner, to: &line)
                return line
            }
            text += "[\n" + lines.joined(separator: ",\n") + "\n" + indent + "]"
        default:
            text += value.text
        }
    }

    private static func isNested(_ value: JSON) -> Bool {
        switch value {
        case .object, .array: true
        case .null, .bool, .number, .string: false
        }
    }
}
