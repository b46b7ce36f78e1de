import Codecs

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What an event is about, beside who did it.
public struct EventTarget: Sendable, Equatable {
    /// `person`, `organization`, `session`…
    public let type: String
    public let id: String

    public init(_ type: String, _ id: String) {
        self.type = type
        self.id = id
    }

    public static func person(_ id: ID<Person>) -> EventTarget { EventTarget("person", id.text) }
    public static func organization(_ id: ID<Organization>) -> EventTarget { EventTarget("organization", id.text) }
    public static func session(_ id: ID<Session>) -> EventTarget { EventTarget("session", id.text) }
}

/// Who did something.
struct EventActor: Sendable, Equatable {
    enum Kind: String, Sendable, CaseIterable {
        case person, `operator`, service, visitor, system
    }

    let kind: Kind
    var person: ID<Person>?
    var organization: ID<Organization>?
    var session: ID<Session>?

    /// The product itself, as a job or a node does.
    static let system = EventActor(kind: .system)

    init(kind: Kind) {
        self.kind = kind
    }

    /// - Parameter acting: who a visitor turned out to be, as by signing in.
    init(_ caller: Caller, acting: ID<Person>?) {
        switch caller {
        case .person(let principal):
            kind = principal.isOperator ? .operator : .person
            person = principal.id
            organization = principal.organization
            session = principal.session
        case .service: kind = .service
        case .visitor:
            kind = acting == nil ? .visitor : .person
            person = acting
        }
    }
}

/// One event as it happened, with all that the audit log keeps of it.
struct Occurrence: Sendable {
    let event: Event
    let at: Date
    let actor: EventActor
    let target: EventTarget?
    /// Ids and codes, never addresses, names or tokens.
    let attributes: [String: String]
    /// Nil: no request was the cause.
    let request: RequestFacts?

    /// The most characters of one attribute.
    private static let attributeLimit = 500

    /// As `lean.record_events` takes it. Where it came from and with what goes to the table of what is personal.
    func json(_ kept: Event.Kept) -> JSON {
        var row: JSONObject = [:]
        row["at"] = .string(at.rfc3339)
        row["type"] = .string(event.name)
        row["action"] = .string(attributes["action"] ?? event.name.split(separator: ".").last.map(String.init) ?? "")
        row["category"] = .string(kept.category.rawValue)
        row["result"] = .string(kept.result.rawValue)
        row["is_security"] = .bool(kept.isSecurity)
        row["actor_type"] = .string(actor.kind.rawValue)
        row["actor_id"] = actor.person.map { .string($0.text) }
        row["organization_id"] = actor.organization.map { .string($0.text) }
        row["session_id"] = actor.session.map { .string($0.text) }
        row["target_type"] = target.map { .string($0.type) }
        row["target_id"] = target.map { .string($0.id) }
        var data: JSONObject = [:]
        for (name, value) in attributes where name != "action" {
            data[name] = .string(String(value.prefix(Self.attributeLimit)))
        }
        row["data"] = .object(data)
        row["module"] = event.name.split(separator: ".").first.map { .string(String($0)) }
        if let request {
            row["request_id"] = .string(request.id)
            row["function"] = .string(String(request.path.prefix(200)))
            row["address"] = request.address.map { .string($0) }
            row["agent"] = request.userAgent.map { .string($0.replacing("\u{0}", with: "")) }
        }
        return .object(row)
    }
}
