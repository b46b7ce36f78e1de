import Codecs

/// Refusals as the server writes them, by the very code that answers requests. Those that routes share stand in the document
/// once.
struct RefusalExamples {
    private(set) var components = JSONObject()
    private var keys: [Key: String] = [:]

    private struct Key: Hashable {
        let kind: ProblemKind
        let surface: Surface
    }

    /// The examples of one answer by code; of kinds with the same code each has a number.
    mutating func references(to kinds: [ProblemKind], of route: Route) -> JSONObject {
        var examples = JSONObject()
        for kind in kinds {
            let code = kind.code(on: route.surface)
            var name = code
            var number = 2
            while examples[name] != nil {
                name = "\(code)_\(number)"
                number += 1
            }
            examples[name] = example(of: kind, route)
        }
        return examples
    }

    private mutating func example(of kind: ProblemKind, _ route: Route) -> JSON {
        // What is wrong with the input names the route's own fields.
        if kind == .invalidInput, let field = route.inputs.first(where: \.schema.isRequired) {
            return ["value": Self.value(kind, [FieldProblem(field.name, "is required")], route.surface)]
        }
        return ["$ref": .string("#/components/examples/\(component(kind, route.surface))")]
    }

    private mutating func component(_ kind: ProblemKind, _ surface: Surface) -> String {
        // Functions and what is neither answer alike.
        let surface = surface == .plain ? .functions : surface
        let key = Key(kind: kind, surface: surface)
        if let name = keys[key] { return name }
        let code = kind.code(on: surface)
        var name = code
        var number = 2
        while components[name] != nil {
            name = "\(code)_\(number)"
            number += 1
        }
        let fields = kind.code == "weak_password" ? [FieldProblem("password", "length")] : []
        components[name] = ["summary": .string(kind.title), "value": Self.value(kind, fields, surface)]
        keys[key] = name
        return name
    }

    private static func value(_ kind: ProblemKind, _ fields: [FieldProblem], _ surface: Surface) -> JSON {
        let problem = Problem(kind, fields: fields)
        let answer = problem.answer(on: surface, requestID: Samples.uuid, at: Samples.date, headers: [:])
        guard case .json(let bytes) = answer.body else { return .null }
        do {
            return try JSON(parsing: bytes)
        } catch {
            preconditionFailure("a refusal is JSON")
        }
    }
}
