import Codecs
import HTTPTypes
import Platform

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Core {
    /// What the server was started with, secrets masked. In development and test only.
    func configuration(_ call: Call<Visitor, NoInput>) async throws -> Answer {
        guard isOpen else { throw Problem(.accessDenied) }
        let services = call.services
        let report = services.settings
        let warnings = report.advice.map { JSON.string("\($0.name): \($0.message)") }
        let answer: JSONObject = [
            "timestamp": .string(call.now.rfc3339),
            "environment": .string(services.build.stage.rawValue),
            "version": .string(services.build.version),
            "accessLevel": "development",
            "sections": .array(Self.sections(report)),
            "featureFlags": .object(Self.flags(services)),
            "runtime": [
                "uptime": JSON(max(0.001, call.now.timeIntervalSince(services.build.started))),
                "platform": "swift",
                "buildInfo": ["number": .string(services.build.number)],
            ],
            "warnings": .array(warnings),
            "_meta": [
                "generatedAt": .string(call.now.rfc3339),
                "requestId": .string(call.request.id),
                "note": "Secrets are masked. This answer exists in development only.",
            ],
        ]
        return Answer(
            headers: [
                (.environment, services.build.stage.rawValue), (.configVersion, services.build.version),
                (.warningCount, String(warnings.count)),
            ], JSON.object(answer))
    }

    private static func sections(_ report: SettingsReport) -> [JSON] {
        var names: [String] = []
        for setting in report.settings where !names.contains(setting.group) { names.append(setting.group) }
        return names.map { name in
            var variables: JSONObject = [:]
            for setting in report.settings where setting.group == name { variables[setting.name] = variable(setting) }
            return ["name": .string(name), "description": .string("\(name) settings"), "variables": .object(variables)]
        }
    }

    private static func variable(_ setting: Setting) -> JSON {
        [
            "value": setting.isSecret ? "***" : .string(setting.printableValue),
            "type": .string(setting.type),
            "sensitive": .bool(setting.isSecret),
            "source": .string(setting.source == .default ? "default" : "environment"),
            "description": .string(setting.doc),
        ]
    }

    private static func flags(_ services: Services) -> JSONObject {
        [
            "development": [:],
            "features": [
                "metricsEnabled": true, "cacheEnabled": .bool(services.cache.isEnabled), "errorReporting": false,
            ], "experiments": [:],
        ]
    }
}
